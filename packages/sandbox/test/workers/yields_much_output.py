def run(inputs, options):
    for _ in range(64):
        yield {"output": "é" * 1_000_000}
    return {}
