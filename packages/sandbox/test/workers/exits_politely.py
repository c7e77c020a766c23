import sys


def run(inputs, options):
    sys.exit(3)
