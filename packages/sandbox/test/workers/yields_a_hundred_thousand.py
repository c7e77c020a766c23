def run(inputs, options):
    for i in range(100_000):
        yield {"pct": i / 1000, "message": f"step {i}"}
    yield {"pct": 100, "message": "last"}
    return {}
