def run(inputs, options):
    return ["a", "b"]
