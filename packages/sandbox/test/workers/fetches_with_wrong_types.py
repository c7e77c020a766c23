def run(inputs, options, ctx):
    seen = []
    for arguments in (
        {"url": b"http://a.example/"},
        {"url": "http://a.example/", "method": None},
        {"url": "http://a.example/", "headers": {"a": 1}},
        {"url": "http://a.example/", "headers": ["a: b"]},
        {"url": "http://a.example/", "body": {"a": 1}},
    ):
        try:
            ctx.fetch(**arguments)
        except TypeError as error:
            seen.append(str(error))
    return {"seen.txt": "\n".join(seen)}
