def numbers():
    n = 0
    while True:
        step = yield n
        n += step or 1


def tick(ctx):
    made = numbers()
    first = [next(made), next(made), made.send(10)]
    made.close()
    squares = {n: n * n for n in range(4) if n % 2}
    pairs = [(a, b) for a in "ab" for b in (1, 2)]
    *rest, last = range(5)
    total = 0
    while (total := total + 3) < 10:
        pass
    return first, squares, pairs, rest, last, total, {*"aab"} == {"a", "b"}, [*range(3), *"x"]
