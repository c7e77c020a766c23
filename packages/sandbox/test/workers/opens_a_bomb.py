import zlib


def run(inputs, options):
    """A kilobyte that is a gigabyte, twice packed."""
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(bytes(1 << 20)) for _ in range(1024)) + packer.flush()
    return {"bomb.bin": zlib.decompress(zlib.decompress(zlib.compress(packed)))}
