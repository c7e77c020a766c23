import os


def run(inputs, options):
    print("last words")
    os._exit(7)
