def main(inputs, options):
    return {}
