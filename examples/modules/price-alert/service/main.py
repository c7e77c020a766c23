"""Tells on Telegram when a price on Bybit leaves its band, once each time. The page of the module writes the band."""

SYMBOL = "BTCUSDT"


def tick(ctx):
    band = ctx.state.get("band")
    if band is None:
        return
    price = price_of(ctx, SYMBOL)
    if price is None:
        return
    ctx.monitor.number(SYMBOL, price)
    side = "below" if price < band["low"] else "above" if price > band["high"] else "inside"
    if side == ctx.state.get("side", "inside"):
        return
    if side == "inside":
        text = f"{SYMBOL} is back inside its band: {price:,.2f}"
    else:
        text = f"{SYMBOL} is {side} its band: {price:,.2f}"
    sent = ctx.telegram.send_message(text)
    if "error" in sent:
        # Not kept: the next tick tries again.
        ctx.log.warn(sent["error"])
        return
    ctx.state.set("side", side)
    ctx.log.info(text)


def price_of(ctx, symbol):
    answer = ctx.bybit.get_tickers(symbol=symbol)
    if "error" in answer:
        ctx.log.warn(answer["error"])
        return None
    return float(answer["result"]["list"][0]["lastPrice"])
