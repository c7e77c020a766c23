"""What programs write as ctx.telegram, ctx.bybit and ctx.llm, and what the host is asked for it; it reads the same file."""

import json
import types
import unittest

from tests_path import FIXTURES

from hanabi_runner.ctx.connectors import make_connectors
from hanabi_runner.restrict.facades import Facade

CALLS = json.loads((FIXTURES / "connector-calls.json").read_text("utf-8"))


class RecordingHost:
    def __init__(self):
        self.asked = []

    def told(self, method, /, **params):
        self.asked.append({"method": method, "params": params})
        return {"ok": True}


class Connectors(unittest.TestCase):
    def test_each_call_asks_the_host_for_what_the_table_says(self):
        for call in CALLS:
            with self.subTest(call["python"]):
                host = RecordingHost()
                parts = {name: Facade(name, members) for name, members in make_connectors(host).items()}
                answer = eval(call["python"], {"ctx": types.SimpleNamespace(**parts)})
                self.assertEqual(host.asked, [{"method": call["method"], "params": call["params"]}])
                self.assertEqual(answer, {"ok": True})

    def test_each_function_is_in_the_table(self):
        made = {f"{kind}.{name}" for kind, members in make_connectors(RecordingHost()).items() for name in members}
        self.assertEqual(made, {call["method"] for call in CALLS})


if __name__ == "__main__":
    unittest.main()
