"""Another one."""


def tick(ctx):
    import statistics

    return statistics.sys
