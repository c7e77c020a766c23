"""Finds the distributions that satisfy a module's requirements, with the resolver of pip, and tells which they are.

Nothing is installed and no code of a package runs: pip reads the metadata of wheels, and what is no wheel it is not
shown.
"""

import json
import sys

BUILDER = "/builder"

sys.path.append(BUILDER)

from hanabi_libraries.request import SYSTEM_SITE, Refused, answer  # noqa: E402

REPORT = "/out/report.json"
LOG = "/out/pip.log"
LOG_CHARS_MAX = 4000

_OPTIONS = [
    *("--isolated", "--disable-pip-version-check", "--no-input", "--no-color", "--no-cache-dir"),
    *("--progress-bar", "off", "--retries", "0", "--timeout", "600", "--log", LOG),
]


def resolve(request):
    sys.path.append(SYSTEM_SITE)
    try:
        from pip._internal.cli.main import main
    except ImportError:
        raise Refused("pip is not installed on this machine: apt-get install python3-pip") from None
    from hanabi_libraries.index_socket import connect_to_the_index
    from hanabi_libraries.system_site import SystemSite

    connect_to_the_index()
    site = SystemSite(SYSTEM_SITE)
    code = main(["install", *_OPTIONS, *_choices(request), "--", *request["requirements"]])
    if code != 0:
        raise Refused(_reason(site if request["system"] else None))
    with open(REPORT, encoding="utf-8") as file:
        found = json.load(file)["install"]
    packages = [
        {
            "name": item["metadata"]["name"],
            "version": item["metadata"]["version"],
            "url": item["download_info"]["url"],
        }
        for item in found
    ]
    wanted = {item["metadata"]["name"]: item["metadata"].get("requires_dist", []) for item in found}
    system = site.closure(request["requirements"], wanted) if request["system"] else []
    return {"packages": packages, "system": system}


def _choices(request):
    choices = ["--dry-run", "--report", REPORT, "--only-binary", ":all:", "--root-user-action", "ignore"]
    if request["index"]:
        # The name of the host is for pip alone: every connection ends at the socket.
        choices += ["--index-url", "http://index/simple/", "--trusted-host", "index"]
    else:
        choices.append("--no-index")
    if not request["system"]:
        choices.append("--ignore-installed")
    return choices


def _reason(site):
    """What pip says about a failure: its errors, and the lines on who wants what."""
    with open(LOG, encoding="utf-8", errors="replace") as file:
        # Each line begins with a time stamp.
        lines = [line.rstrip("\n").partition(" ")[2] for line in file]
    told = []
    explaining = False
    for line in lines:
        text = line.strip()
        if text.startswith("ERROR:"):
            explaining = "conflict" in text
            told.append(text.removeprefix("ERROR:").strip())
        elif text.startswith("The conflict is caused by"):
            explaining = True
        elif text.startswith(("To fix this", "Traceback")):
            explaining = False
        elif explaining and text:
            told.append(text)
    # The second says what the first has said, the other only where to read on.
    told = [text for text in told if not text.startswith(("No matching distribution found", "ResolutionImpossible"))]
    if site is not None:
        told += site.versions_named_in(told)
    return "; ".join(dict.fromkeys(told))[:LOG_CHARS_MAX] or "pip gave no reason"


answer(resolve)
