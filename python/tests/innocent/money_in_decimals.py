from decimal import ROUND_HALF_UP, Decimal, getcontext


def tick(ctx):
    getcontext().prec = 28
    total = sum((Decimal(text) for text in ("0.10", "0.20", "19.995")), Decimal(0))
    try:
        Decimal(1) / Decimal(0)
    except ZeroDivisionError as error:
        failed = type(error).__name__
    return str(total.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)), failed, total > 20
