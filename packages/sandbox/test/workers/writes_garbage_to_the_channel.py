import os


def run(inputs, options):
    os.write(4, b"GET / HTTP/1.1\r\n\r\n")
    return {}
