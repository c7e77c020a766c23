def run(inputs, options):
    with open("/tmp/giant", "wb") as file:
        file.truncate(1 << 40)
    return {}
