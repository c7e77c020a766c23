import time


def run(inputs, options):
    print("good night", flush=True)
    yield {"pct": 0, "message": "asleep"}
    time.sleep(600)
    return {}
