"""UserString formats on behalf of whoever asks."""


def tick(ctx):
    import collections

    return collections.UserString("{0.__class__.__base__}").format(1)
