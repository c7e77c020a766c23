def run(inputs, options):
    return {"a.txt": "\ud800"}
