"""What the machine's Python already has: which distributions stand behind a requirement, and where their files are.

Debian strips most lists of files, and many requirements, from the metadata, so dpkg is asked, too.
"""

import os
import sys
from importlib.metadata import distributions

from hanabi_libraries.debian import DebianPackages


class SystemSite:
    def __init__(self, folder):
        self._folder = folder
        self._debian = DebianPackages(folder)
        self._known = {}
        for distribution in distributions(path=[folder]):
            name = distribution.metadata["Name"]
            if name:
                self._known.setdefault(_canonical(name), distribution)

    def closure(self, requirements, wheels):
        """The distributions of the machine that the requirements lead to, beside those that come as wheels.

        `wheels` maps the name of each to what it requires.
        """
        from pip._vendor.packaging.requirements import Requirement

        required = {_canonical(name): texts for name, texts in wheels.items()}
        open_ends = [(Requirement(text), ("",)) for text in requirements]
        seen = set()
        found = {}
        while open_ends:
            requirement, extras = open_ends.pop()
            if requirement.marker and not any(requirement.marker.evaluate({"extra": extra}) for extra in extras):
                continue
            name = _canonical(requirement.name)
            mark = (name, frozenset(requirement.extras))
            if mark in seen:
                continue
            seen.add(mark)
            if name in required:
                texts = required[name]
            else:
                distribution = self._known[name]
                found[name] = distribution
                texts = [*(distribution.requires or []), *self._requires_by_debian(distribution)]
            open_ends += [(Requirement(text), ("", *requirement.extras)) for text in texts]
        return [self._entry(name, found[name]) for name in sorted(found)]

    def versions_named_in(self, told):
        """A sentence for each distribution of the machine whose name is in the text."""
        words = {_canonical(word) for text in told for word in _words(text)}
        return [f"this machine has {name} {self._known[name].version}" for name in sorted(words & set(self._known))]

    def _requires_by_debian(self, distribution):
        metadata = self._debian.metadata_required_by(_metadata_of(distribution))
        return [name for name, known in self._known.items() if _metadata_of(known) in metadata]

    def _entry(self, name, distribution):
        return {"name": name, "version": distribution.version, "links": sorted(self._links(distribution))}

    def _links(self, distribution):
        """Paths below the folder that together are the distribution, each a file or a whole package."""
        metadata = _metadata_of(distribution)
        spread = set((distribution.read_text("namespace_packages.txt") or "").split())
        links = {metadata}
        for path in self._files(distribution, metadata):
            parts = path.split("/")
            link = None if parts[0] in ("", "..") else self._linked(parts, spread)
            if link and not link.endswith(".pth"):
                links.add(link)
                links.update(self._byte_code_of(link))
        return links

    def _byte_code_of(self, link):
        """Beside a single file; a package brings its own."""
        if link.endswith(".py") and "/" not in link:
            path = f"__pycache__/{link.removesuffix('.py')}.{sys.implementation.cache_tag}.pyc"
            if os.path.isfile(f"{self._folder}/{path}"):
                yield path

    def _linked(self, parts, spread):
        """The highest folder above a file that no other distribution has a part of: a package, not a namespace."""
        for depth in range(1, len(parts)):
            folder = "/".join(parts[:depth])
            if folder.endswith((".dist-info", ".egg-info")) or parts[0] == "__pycache__":
                return None  # of another distribution in the same Debian package, or byte code
            is_package = os.path.exists(f"{self._folder}/{folder}/__init__.py")
            if is_package and folder.replace("/", ".") not in spread:
                return folder
        path = "/".join(parts)
        return path if os.path.isfile(f"{self._folder}/{path}") and not path.endswith("-info") else None

    def _files(self, distribution, metadata):
        record = distribution.read_text("RECORD")
        if record:
            for path in distribution.files or []:
                yield str(path)
        else:
            yield from self._debian.files_beside(metadata)
        for name in (distribution.read_text("top_level.txt") or "").split():
            for entry in os.listdir(self._folder):
                if entry == name and os.path.isdir(f"{self._folder}/{name}"):
                    yield f"{name}/__init__.py"
                elif entry == f"{name}.py" or (entry.startswith(f"{name}.") and entry.endswith(".so")):
                    yield entry


def _metadata_of(distribution):
    """The name of the folder, or the file, that it is described in."""
    return os.path.basename(str(distribution._path))


def _canonical(name):
    return "-".join(filter(None, name.lower().replace("_", "-").replace(".", "-").split("-")))


def _words(text):
    return "".join(char if char.isalnum() or char in "-_." else " " for char in text).split()
