"""The shape of the guide's trading bots: connectors answer with an "error" key."""

SYMBOL = "BTCUSDT"


def setup(ctx):
    ctx.log.info("starting")


def tick(ctx):
    ticker = ctx.bybit.get_tickers(symbol=SYMBOL)
    if "error" in ticker:
        ctx.log.error(f"bybit: {ticker['error']}")
        return "error"
    price = float(ticker["result"]["list"][0]["lastPrice"])
    opinion = ctx.llm.chat([{"role": "user", "content": f"{SYMBOL} is at {price}"}])
    ctx.monitor.number("price", price)
    ctx.monitor.table("last", [{"symbol": SYMBOL, "price": price}])
    return price, opinion.get("content", opinion.get("error"))
