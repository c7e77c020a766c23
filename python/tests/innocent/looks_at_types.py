def describe(value):
    if value is None:
        return "nothing"
    if type(value) is bool:
        return "bool"
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return "number"
    if isinstance(value, type):
        return "class " + value.__name__
    return f"{type(value).__name__} of {len(value)}" if hasattr(value, "__len__") else type(value).__name__


def tick(ctx):
    values = [None, True, 2, 2.5, "abc", [1], {"a": 1}, int, (1, 2), describe]
    return [describe(value) for value in values], getattr("abc", "upper")(), getattr(3, "missing", "default"), issubclass(bool, int), type(1) == type(2), type(1) != type("")
