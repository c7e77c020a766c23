def tick(ctx):
    rows = [("btc", 1234.5, 0.031), ("eth", 99.25, -0.2)]
    lines = ["{:<6}{:>12,.2f}{:>8.1%}".format(*row) for row in rows]
    named = "{name}: {values[0]} of {values[1]:{width}}".format(name="x", values=[1, 2], width=4)
    mapped = "{a}-{b}".format_map({"a": 1, "b": 2})
    joined = list(map("<{}>".format, "ab"))
    percent = "%s has %d and %.2f" % ("x", 3, 2.5)
    return lines, named, mapped, joined, percent, format(3.14159, ".2f"), f"{'x':>{4}}|{5!r}"
