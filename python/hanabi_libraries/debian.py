"""Debian's packages: which distribution of Python lies in which, and what each depends on.

Debian strips the requirements from the metadata of many distributions, and says them in its own words.
"""

import os
import re

DPKG_LISTS = "/var/lib/dpkg/info"
DPKG_STATUS = "/var/lib/dpkg/status"

_METADATA = (".egg-info", ".dist-info")


class DebianPackages:
    """`folder`: where Debian puts the libraries of Python. On other systems there is nothing to find."""

    def __init__(self, folder):
        self._top = f"{folder}/"
        self._files = {}
        self._metadata = {}
        for entry in os.listdir(DPKG_LISTS) if os.path.isdir(DPKG_LISTS) else []:
            if entry.endswith(".list"):
                self._read(entry)

    def _read(self, entry):
        with open(f"{DPKG_LISTS}/{entry}", encoding="utf-8", errors="replace") as file:
            paths = [path.removeprefix(self._top) for path in file.read().split("\n") if path.startswith(self._top)]
        package = entry.removesuffix(".list").partition(":")[0]
        self._files.setdefault(package, []).extend(paths)
        for path in paths:
            if path.endswith(_METADATA) and "/" not in path:
                self._metadata[path] = package

    def files_beside(self, metadata):
        """Paths below the folder of everything in the package that has this metadata."""
        return self._files.get(self._metadata.get(metadata), [])

    def metadata_required_by(self, metadata):
        """The metadata in the packages that the one with this metadata depends on."""
        needed = _depends(self._metadata.get(metadata))
        return [name for name, package in self._metadata.items() if package in needed]


def _depends(package):
    """Names of packages; of alternatives the first."""
    if package is None or not os.path.isfile(DPKG_STATUS):
        return set()
    with open(DPKG_STATUS, encoding="utf-8", errors="replace") as file:
        for paragraph in file.read().split("\n\n"):
            if paragraph.startswith(f"Package: {package}\n"):
                depends = re.search(r"^Depends: (.*)$", paragraph, re.MULTILINE)
                named = depends.group(1).split(",") if depends else []
                return {re.match(r"\s*([a-z0-9.+-]*)", one).group(1) for one in named}
    return set()
