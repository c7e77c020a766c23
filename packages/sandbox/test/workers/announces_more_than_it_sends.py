import os


def frame(body):
    os.write(4, len(body).to_bytes(4, "big") + b"\x01" + body)


def run(inputs, options):
    frame(b'{"kind":"file","name":"a","size_bytes":10}')
    frame(b'{"kind":"done"}')
    os._exit(0)
