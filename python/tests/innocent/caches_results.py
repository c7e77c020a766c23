from functools import cache, cmp_to_key, lru_cache, partial, reduce, total_ordering


@lru_cache(maxsize=None)
def fibonacci(n):
    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)


@cache
def twice(n):
    return 2 * n


@total_ordering
class Version:
    def __init__(self, text):
        self.parts = tuple(int(part) for part in text.split("."))

    def __eq__(self, other):
        return self.parts == other.parts

    def __lt__(self, other):
        return self.parts < other.parts


def tick(ctx):
    newest = max(map(Version, ("1.2.3", "1.10.0", "1.9.9")))
    power = partial(pow, 2)
    by_length = sorted(["ccc", "a", "bb"], key=cmp_to_key(lambda a, b: len(a) - len(b)))
    return fibonacci(60), twice(4), newest.parts, power(10), reduce(lambda a, b: a * b, [1, 2, 3, 4]), by_length, Version("1.0") <= Version("1.0")
