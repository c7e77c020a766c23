def run(inputs, options):
    return [(1, b"x")]
