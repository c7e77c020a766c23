import re

LINE = re.compile(r"(?P<level>\w+): (?P<text>.+)", re.IGNORECASE | re.MULTILINE)


def tick(ctx):
    text = "info: started\nERROR: no answer\ninfo: gave up"
    found = [(m["level"].lower(), m.group("text")) for m in LINE.finditer(text)]
    swapped = re.sub(r"(\w+) (\w+)", lambda m: f"{m[2]} {m[1]}", "hello world")
    return found, swapped, re.split(r"[,;]\s*", "a, b;c"), bool(re.fullmatch(r"\d{3}", "123"))
