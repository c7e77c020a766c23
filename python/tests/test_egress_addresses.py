"""fixtures/egress/addresses.json, judged by Python's own ipaddress: the host must never be the more generous of the two."""

import ipaddress
import json
import unittest

from tests_path import FIXTURES


class Addresses(unittest.TestCase):
    def test_what_is_called_public_is_global(self):
        table = json.loads((FIXTURES / "egress" / "addresses.json").read_text("utf-8"))
        self.assertGreater(len(table["hosts"]), 100)
        for row in table["hosts"]:
            with self.subTest(row["host"]):
                address = ipaddress.ip_address(row["address"])
                self.assertEqual(str(address), row["address"])
                if row["public"]:
                    self.assertTrue(address.is_global and not address.is_multicast)
