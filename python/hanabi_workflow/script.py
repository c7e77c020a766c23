"""`python -m hanabi_workflow.script FILE [ARGUMENT…]`: an existing script, with `temporalio` meaning this package.

The host starts it with a channel (see connection.py) and PYTHONHASHSEED=0, without which the order of sets of strings
would differ from process to process.
"""

from __future__ import annotations

import os
import runpy
import sys
import time
from pathlib import Path

COMPAT = str(Path(__file__).resolve().parent / "compat")


def prepare_process() -> None:
    """What has to hold in the whole process for replay to be the same. Raises when it is too late for that."""
    if not sys.flags.ignore_environment and os.environ.get("PYTHONHASHSEED", "random") != "random":
        os.environ["TZ"] = "UTC"
        time.tzset()
        return
    raise SystemExit("PYTHONHASHSEED must be set to a number before Python starts: sets are ordered by it")


def main(arguments: list[str]) -> None:
    prepare_process()
    file, *rest = arguments
    sys.path.insert(0, COMPAT)
    sys.path.insert(0, str(Path(file).resolve().parent))
    sys.argv = [file, *rest]
    runpy.run_path(file, run_name="__main__")


if __name__ == "__main__":
    main(sys.argv[1:])
