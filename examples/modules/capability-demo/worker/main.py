"""Turns text into upper case, and says what it does while it does it."""


def run(inputs, options):
    """The name of each input file and its bytes come in; names and contents of the output files go back."""
    texts = {name: data.decode("utf-8", "replace") for name, data in inputs.items()}
    if options.get("text"):
        texts["message.txt"] = str(options["text"])

    outputs = {}
    for done, (name, text) in enumerate(sorted(texts.items())):
        # A percentage and a sentence reach the page as progress ...
        yield {"pct": 100 * done // len(texts), "message": f"Working on {name}"}
        upper = text.upper()
        for line in upper.splitlines()[:20]:
            # ... and pieces of output as they come.
            yield {"output": line + "\n", "encoding": "text"}
        outputs[f"UPPER-{name}"] = upper
    yield {"pct": 100, "message": "Done"}
    return outputs
