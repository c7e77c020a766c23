"""Stamps a file: a copy with a line of when it was approved."""


def run(inputs, options):
    stamp = f"\n\nApproved at {options.get('decided', 'an unknown time')}\n".encode()
    return {f"approved-{name}": content + stamp for name, content in inputs.items()}
