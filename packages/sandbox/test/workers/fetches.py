import json


def run(inputs, options, ctx):
    more = options.get("more", {})
    if "body_bytes" in options:
        more["body"] = bytes(options["body_bytes"])
    answer = ctx.fetch(options["url"], **more)
    head = {"status": answer["status"], "headers": answer["headers"], "type": type(answer["body"]).__name__}
    return {"head.json": json.dumps(head), "body": answer["body"]}
