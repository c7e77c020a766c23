"""A finaliser runs whenever it likes, in the middle of the runner."""


class Late:
    def __del__(self):
        seen.append("escaped")


seen = []


def tick(ctx):
    Late()
    return seen[0]
