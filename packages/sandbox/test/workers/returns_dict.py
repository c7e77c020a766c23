def run(inputs, options):
    return {"a.txt": "text", "b.bin": b"\x00\xff", "c.bin": bytearray(b"c"), "d.bin": memoryview(b"d")}
