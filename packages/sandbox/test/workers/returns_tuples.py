def run(inputs, options):
    return [("a.txt", "text"), ("b.bin", b"\x00\xff")]
