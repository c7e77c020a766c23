"""A ctx whose host is a few dicts: for programs that are to run without one."""

import tests_path  # noqa: F401

from hanabi_runner.restrict.facades import Facade


def memory_ctx():
    state, files, lines = {}, {}, []
    answers = {"status": 200, "headers": {}, "body": "120.5"}
    parts = {
        "state": {
            "get": lambda key, default=None: state.get(key, default),
            "set": state.__setitem__,
            "delete": lambda key: state.pop(key, None),
            "keys": lambda: list(state),
            "get_all": lambda: dict(state),
        },
        "log": {level: lines.append for level in ("info", "warn", "error", "debug")},
        "files": {
            "write": files.__setitem__,
            "read": files.__getitem__,
            "delete": lambda name: files.pop(name, None),
            "list": lambda: [{"name": name, "size_bytes": len(text)} for name, text in files.items()],
        },
        "http": {"get": lambda url, **more: answers, "post": lambda url, **more: answers},
        "monitor": {name: lambda *values: None for name in ("number", "text", "table", "line_chart")},
        "telegram": {"send_message": lambda text: {"ok": True}},
        "bybit": {"get_tickers": lambda **more: {"result": {"list": [{"lastPrice": "101.5"}]}}},
        "llm": {"chat": lambda messages, **more: {"content": "hold"}},
    }
    return Facade("ctx", {name: Facade(f"ctx.{name}", members) for name, members in parts.items()})
