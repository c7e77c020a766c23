"""ctx.telegram, ctx.bybit and ctx.llm: what the host does with a connection that the user has lent to this module.

No credential is ever here. Each call answers with a dict; one with an "error" key says that it failed, and why.
"""


def make_connectors(host):
    return {"telegram": _telegram(host), "bybit": _bybit(host), "llm": _llm(host)}


def _telegram(host):
    def send_message(text, chat_id=None, parse_mode=None, silent=False):
        """Without a chat_id to the chat that the connection names."""
        return host.told("telegram.send_message", text=text, chat_id=chat_id, parse_mode=parse_mode, silent=silent)

    def get_updates(offset=None, limit=100):
        """{"result": [...]}: what was sent to the bot, from the update with the number `offset` on."""
        return host.told("telegram.get_updates", offset=offset, limit=limit)

    return {"send_message": send_message, "get_updates": get_updates}


def _bybit(host):
    def call(name):
        # The parameters have the names of the exchange, in lower case with underscores; the host checks them.
        return lambda **params: host.told(f"bybit.{name}", **params)

    def place_order(symbol, side, qty, price=None, order_type="Limit", **more):
        """`qty` and `price` as text keep every digit."""
        params = {"symbol": symbol, "side": side, "qty": qty, "price": price, "order_type": order_type}
        return host.told("bybit.place_order", **params, **more)

    names = ("get_tickers", "get_kline", "get_orderbook", "get_wallet_balance", "get_positions", "get_open_orders")
    return {**{name: call(name) for name in (*names, "cancel_order")}, "place_order": place_order}


def _llm(host):
    def chat(messages, model=None, temperature=None, max_tokens=None):
        """{"content", "model", "usage"}. `messages` is a text, or a list of {"role", "content"}."""
        if isinstance(messages, str):
            messages = [{"role": "user", "content": messages}]
        params = {"messages": messages, "model": model, "temperature": temperature, "max_tokens": max_tokens}
        return host.told("llm.chat", **params)

    return {"chat": chat}
