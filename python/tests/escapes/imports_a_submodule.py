"""Importing "json.decoder" returns the whole of json."""


def tick(ctx):
    import json.decoder

    return json.decoder.scanner
