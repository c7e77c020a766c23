"""Plays a file of pieces and prints what came of each: `play.py FILE sandboxed|plain`.

A process of its own, since the process is what replay changes: the test starts several, in different surroundings.
"""

import json
import sys
import tempfile
import warnings
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent.parent), str(HERE)]

TIME_NS = 1_700_000_000 * 10**9


def pieces(file):
    """The name and the source of each piece, as a module with a function main."""
    for block in Path(file).read_text("utf-8").split("\n### ")[1:]:
        name, _, code = block.partition("\n")
        if "def main(" not in code:
            code = "def main():\n" + "".join(f"    {line}\n" for line in code.splitlines())
        yield name, code


def play_sandboxed(module, path):
    from hanabi_workflow.sandbox import SandboxRestrictions
    from hanabi_workflow.sandbox.run import SandboxRun

    run = SandboxRun(SandboxRestrictions.default, seed=7, time_ns=lambda: TIME_NS)
    loaded = run.load(module, path=path)
    run.begin()
    with run.executing():
        return repr(loaded.main())


def play_plain(module, path):
    import importlib.util

    spec = importlib.util.spec_from_file_location(module, path)
    loaded = sys.modules[module] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return repr(loaded.main())


def outcome(play, module, path):
    from hanabi_workflow.sandbox import NondeterminismError

    try:
        return play(module, path)
    except NondeterminismError as error:
        return f"refused: {error}"
    except Exception as error:
        return f"failed: {type(error).__name__}: {error}"


def main(file, how):
    warnings.simplefilter("ignore")
    play = {"sandboxed": play_sandboxed, "plain": play_plain}[how]
    results = {}
    with tempfile.TemporaryDirectory() as folder:
        for number, (name, code) in enumerate(pieces(file)):
            module = f"piece_{number}"
            path = Path(folder, f"{module}.py")
            path.write_text(code, "utf-8")
            # Twice in one process: what the first run left behind must not reach the second.
            results[name] = [outcome(play, module, str(path)) for _ in range(1 if how == "plain" else 2)]
    sys.__stdout__.write(json.dumps(results))


if __name__ == "__main__":
    main(*sys.argv[1:])
