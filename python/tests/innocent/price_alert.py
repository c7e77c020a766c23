"""Tells when a price leaves its band."""

LOW, HIGH = 90.0, 110.0


def setup(ctx):
    ctx.state.set("alerts", 0)


def tick(ctx):
    answer = ctx.http.get("https://prices.example/btc")
    if "error" in answer:
        ctx.log.warn(f"no price: {answer['error']}")
        return None
    price = float(answer["body"])
    if not LOW <= price <= HIGH:
        ctx.state.set("alerts", ctx.state.get("alerts", 0) + 1)
        ctx.telegram.send_message(f"price is {price:,.2f}")
    return ctx.state.get("alerts")
