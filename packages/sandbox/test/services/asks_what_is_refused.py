def tick(ctx):
    answer = ctx.http.get("https://example.com/")
    ctx.log.info(answer["error"])
    try:
        ctx.state.set("x", {1, 2})
    except TypeError as error:
        ctx.log.info(str(error))
    ctx.state.set("deep", {"a": [1, 2.5, None, True, "ä\n𝄞"], "b": {}})
