"""Any JSON value as text, without the json module: its classes are handed out to services, which may change them."""

from _json import encode_basestring

from hanabi_runner.failure import named

DEPTH_MAX = 50


def json_text(value, depth=0):
    """TypeError or ValueError for what JSON cannot hold. Subclasses are what they are subclasses of."""
    if value is None:
        return "null"
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, str):
        return encode_basestring(str.__str__(value))
    if isinstance(value, int):
        return int.__repr__(value)
    if isinstance(value, float):
        return _number_text(value)
    if depth >= DEPTH_MAX:
        raise ValueError(f"it is nested more than {DEPTH_MAX} deep")
    if isinstance(value, dict):
        pairs = (f"{_key_text(key)}:{json_text(item, depth + 1)}" for key, item in dict.items(value))
        return "{" + ",".join(pairs) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(json_text(item, depth + 1) for item in list(value)) + "]"
    raise TypeError(f"{named(value)} is no JSON value")


def json_bytes(value):
    try:
        return json_text(value).encode("utf-8")
    except UnicodeEncodeError:
        raise ValueError("it holds half a surrogate pair, which UTF-8 cannot") from None


def _number_text(value):
    if value != value or value in (float("inf"), float("-inf")):
        raise ValueError("JSON has no NaN and no infinity")
    return float.__repr__(value)


def _key_text(key):
    if not isinstance(key, str):
        raise TypeError(f"a key is {named(key)}, not str")
    return encode_basestring(str.__str__(key))
