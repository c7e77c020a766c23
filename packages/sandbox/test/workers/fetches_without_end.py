from collections import Counter


def run(inputs, options, ctx):
    seen = Counter()
    for _ in range(10_000):
        try:
            seen[ctx.fetch(options["url"])["status"]] += 1
        except ctx.FetchError as error:
            seen[error.code] += 1
    return {"seen.txt": "\n".join(f"{what} {times}" for what, times in seen.items())}
