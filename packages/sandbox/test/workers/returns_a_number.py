def run(inputs, options):
    return 7
