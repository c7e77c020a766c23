def helper(value):
    raise ValueError(f"bad {value}")


def run(inputs, options):
    print("before")
    helper(7)
