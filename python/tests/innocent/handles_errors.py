class OutOfBudget(Exception):
    def __init__(self, needed, *, left=0):
        super().__init__(f"needs {needed}, has {left}")
        self.needed = needed


def spend(amount, left):
    if amount > left:
        raise OutOfBudget(amount, left=left)
    return left - amount


def tick(ctx):
    seen = []
    for amount in (3, 9):
        try:
            seen.append(spend(amount, 5))
        except OutOfBudget as error:
            seen.append((str(error), error.needed, error.args))
        else:
            seen.append("fine")
        finally:
            seen.append("-")
    try:
        [][1]
    except (IndexError, KeyError) as error:
        seen.append(type(error).__name__)
    try:
        {}["x"]
    except Exception as error:
        seen.append(repr(error))
    return seen


def on_error(ctx, error):
    ctx.log.error(f"{type(error).__name__}: {error}")
