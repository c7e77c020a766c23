import builtins
import json
import os
import sys


def run(inputs, options):
    found = [name for name in ("poison", "hanabi_poison") if hasattr(builtins, name) or name in sys.modules]
    found += [name for name in ("dumps", "loads") if getattr(json, name).__module__ != "json"]
    found += [path for path in sys.path if "poison" in path]
    found += [name for name in os.environ if "POISON" in name]
    builtins.poison = True
    builtins.open = None
    sys.modules["hanabi_poison"] = sys.modules["posix"] = json
    json.dumps = json.loads = lambda *arguments, **more: "poison"
    sys.path.insert(0, "/tmp/poison")
    os.environ["POISON"] = "1"
    sys.stdout = None
    return {"found.txt": ",".join(found)}
