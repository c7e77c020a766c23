def run(inputs, options):
    kept = []
    while True:
        kept.append(open("/dev/null"))
