def run(inputs, options):
    return {"a": bytes(1 << 40)}
