def run(inputs, options):
    while True:
        pass
