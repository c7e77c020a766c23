def run(inputs, options):
    yield {"pct": 1, "message": ""}
    raise KeyError("late")
