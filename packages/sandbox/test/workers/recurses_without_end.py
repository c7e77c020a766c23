def run(inputs, options):
    return run(inputs, options)
