def run(inputs, options):
    return [{"name": "a.txt", "data": "text"}, {"name": "b.bin", "data": b"\x00\xff"}]
