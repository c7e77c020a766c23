"""From any object up to object and down to every class there is."""


def tick(ctx):
    return ().__class__.__base__.__subclasses__()
