"""lru_cache keeps what it wraps."""


def tick(ctx):
    import functools

    @functools.lru_cache
    def cached():
        pass

    return cached.__wrapped__.__globals__
