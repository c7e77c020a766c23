"""Loads the author's worker file, and lets it import its neighbours and the libraries that it declares."""

import sys
from _frozen_importlib import module_from_spec
from _frozen_importlib_external import (
    ExtensionFileLoader,
    FileFinder,
    SourceFileLoader,
    spec_from_file_location,
)
from _imp import extension_suffixes

from hanabi_runner.failure import Failure, failure_of

MODULE_ROOT = "/module"


class AuthorLoader(SourceFileLoader):
    """Always compiles the source: compiled files in a package could hold other code than the one that was reviewed."""

    def get_code(self, fullname):
        path = self.get_filename(fullname)
        return self.source_to_code(self.get_data(path), path)


def load_worker(entry, libraries, root=MODULE_ROOT):
    """The worker file as a module. It ends up in sys.modules, as dataclasses and pickle want it."""
    path = f"{root}/{entry}"
    folder, _, leaf = path.rpartition("/")
    sys.path_hooks.insert(0, _author_finder(root))
    sys.path.append(folder)
    sys.path.extend(libraries)

    name = leaf.removesuffix(".py")
    spec = spec_from_file_location(name, path, loader=AuthorLoader(name, path))
    module = module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except FileNotFoundError as error:
        if error.filename != path:
            raise failure_of("load", error) from None
        raise Failure("load", f"there is no {entry} in the package") from None
    except SystemExit:
        raise
    except BaseException as error:
        raise failure_of("load", error) from None
    return module


def _author_finder(root):
    def hook(path):
        if path != root and not path.startswith(f"{root}/"):
            raise ImportError
        return FileFinder(path, (ExtensionFileLoader, extension_suffixes()), (AuthorLoader, [".py"]))

    return hook
