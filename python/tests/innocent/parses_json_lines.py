import json


class Encoder(json.JSONEncoder):
    def default(self, value):
        if isinstance(value, (set, frozenset)):
            return sorted(value)
        return super().default(value)


def tick(ctx):
    rows, bad = [], 0
    for line in '{"a": 1}\nnot json\n[1, 2]'.splitlines():
        try:
            rows.append(json.loads(line))
        except json.JSONDecodeError as error:
            bad += 1
            ctx.log.warn(f"line {error.lineno}: {error.msg}")
    return rows, bad, json.dumps({"s": {3, 1, 2}}, cls=Encoder), json.loads("[1.5]", parse_float=str)
