import importlib
import json
import sys


def run(inputs, options):
    values = {name: getattr(importlib.import_module(name), "VALUE", None) for name in options["names"]}
    return {"values.json": json.dumps({"values": values, "path": sys.path, "modules": sorted(sys.modules)})}
