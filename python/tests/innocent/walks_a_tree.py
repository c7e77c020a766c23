def flatten(value, path=()):
    match value:
        case {"type": "leaf", "value": int(number) | float(number)}:
            yield ".".join(path), number
        case {"children": [*children], **rest}:
            for at, child in enumerate(children):
                yield from flatten(child, (*path, rest.get("name", str(at))))
        case [first, *others]:
            yield from flatten(first, path)
            yield from flatten(others, path) if others else ()
        case str() as text:
            yield text, None
        case None:
            return


def tick(ctx):
    tree = {"name": "root", "children": [{"type": "leaf", "value": 3}, {"children": [{"type": "leaf", "value": 2.5}, "x"]}, None]}
    return list(flatten(tree))
