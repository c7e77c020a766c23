async def run(inputs, options):
    return {}
