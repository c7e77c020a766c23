from concurrent.futures import ThreadPoolExecutor


def run(inputs, options, ctx):
    url = options["url"]

    def one(number):
        body = f"{number}|".encode() * (number * 997 % 30_000)
        answer = ctx.fetch(f"{url}/{number}", method="POST", headers={"X-Number": str(number)}, body=body)
        return answer["headers"]["x-number"] == str(number) and answer["body"] == body

    right = 0
    with ThreadPoolExecutor(16) as pool:
        for done, fine in enumerate(pool.map(one, range(200)), 1):
            right += fine
            yield {"pct": done / 2, "message": "fetching"}
            yield {"output": f"{done}\n"}
    return {"right.txt": str(right)}
