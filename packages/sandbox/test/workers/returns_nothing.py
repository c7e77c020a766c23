def run(inputs, options):
    inputs.clear()
