def run(inputs, options):
    return {f"{number}.bin": bytes(1024 * 1024) for number in range(40)}
