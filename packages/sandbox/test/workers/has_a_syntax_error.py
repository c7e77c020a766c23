def run(inputs, options)
    return {}
