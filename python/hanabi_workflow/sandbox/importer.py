"""Imports of a run: passed through from outside, or loaded anew."""

from __future__ import annotations

import importlib
import importlib.util
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.machinery import ExtensionFileLoader, ModuleSpec
from types import CodeType, ModuleType
from typing import TYPE_CHECKING, Any

from .errors import DisallowedUnintentionalPassthroughError, RestrictedWorkflowAccessError
from .guards import guard_by_policy, guards
from .lazy import LazyModule, LoadPlan, WaitingNames, plan_of, space_of
from .policy import SandboxImportNotificationPolicy as Notice
from .shared_module import PackageView, share

if TYPE_CHECKING:
    from .run import SandboxRun

_MISSING = object()

# Compiled once for the process; executed once for every run.
_codes: dict[tuple[str, str | None], CodeType] = {}
_plans: dict[tuple[str, str | None], LoadPlan | None] = {}
_specs: dict[str, ModuleSpec] = {}


class Importer:
    def __init__(self, run: SandboxRun) -> None:
        self._run = run
        self._own: dict[str, ModuleType] = {}
        self._passed: dict[str, ModuleType] = {}
        # Of packages that were passed through, where a child was not.
        self._views: dict[str, PackageView] = {}
        self._hidden: dict[str, Any] = {}
        self._passing = 0

    # --- What sys.modules shows -------------------------------------------------------------------------------------

    def show_modules(self) -> None:
        """Puts the modules of the run into sys.modules, where pickle, typing and dataclasses look for them."""
        modules = sys.modules
        for name, module in self._own.items():
            self._hidden[name] = modules.get(name, _MISSING)
            modules[name] = module

    def hide_modules(self) -> None:
        modules = sys.modules
        for name, outside in self._hidden.items():
            if outside is _MISSING:
                modules.pop(name, None)
            else:
                modules[name] = outside
        self._hidden.clear()

    def visible(self, name: str) -> ModuleType | None:
        """What the code of the run may find in sys.modules: what it imported, whatever else the process has loaded."""
        return self._own.get(name) or self._views.get(name) or self._passed.get(name)

    def visible_names(self) -> list[str]:
        return [*self._own, *self._passed]

    # --- import -----------------------------------------------------------------------------------------------------

    @contextmanager
    def passing_through(self) -> Iterator[None]:
        """Inside, every import comes from outside."""
        self._passing += 1
        try:
            yield
        finally:
            self._passing -= 1

    def import_name(
        self,
        name: str,
        globals: Mapping[str, Any] | None = None,
        locals: Mapping[str, Any] | None = None,
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> ModuleType:
        """What the import statement calls."""
        full_name = name
        if level:
            package = _package_of(globals or {})
            full_name = importlib.util.resolve_name("." * level + name, package)
        module = self.require(full_name)
        if not fromlist:
            # `import a.b` binds a; a relative import always has a fromlist.
            return self.require(name.partition(".")[0])
        if hasattr(module, "__path__"):
            self._import_children(module, fromlist)
            # A child of the run's own may have made a view of it.
            return self.require(full_name)
        return module

    def _import_children(self, package: ModuleType, names: Sequence[str]) -> None:
        for name in names:
            if name == "*":
                self._import_children(package, getattr(package, "__all__", ()))
            elif self._is_left_outside(package, name) or (name not in space_of(package) and not hasattr(package, name)):
                try:
                    self.require(f"{package.__name__}.{name}")
                except ModuleNotFoundError as error:
                    if error.name != f"{package.__name__}.{name}":
                        raise

    def _is_left_outside(self, package: ModuleType, name: str) -> bool:
        """Whether a package that was passed through knows it as a child that was not."""
        full_name = f"{package.__name__}.{name}"
        if package.__name__ not in self._passed or self.visible(full_name) is not None:
            return False
        child = getattr(package, name, None)
        return isinstance(child, ModuleType) and child.__name__ == full_name and not self._comes_from_outside(full_name)

    def require(self, name: str) -> ModuleType:
        """The module of this full name, with its parents."""
        found = self.visible(name)
        if found is not None:
            return found
        parent, _, leaf = name.rpartition(".")
        holder = self.require(parent) if parent else None
        # Loading the parent may have loaded this one.
        found = self.visible(name)
        if found is not None:
            return found
        self._check_allowed(name)
        if self._comes_from_outside(name):
            module = self._pass_through(name)
        else:
            module = self._reload(name, holder)
        if holder is not None and space_of(holder).get(leaf) is not module and holder.__name__ in self._own:
            setattr(holder, leaf, module)
        elif holder is not None and parent in self._passed and name in self._own:
            view = self._views.setdefault(parent, PackageView(self._passed[parent]))
            vars(view)[leaf] = module
        return module

    def load_own(self, name: str, path: str | None) -> ModuleType:
        """The file of the workflow: never passed through, and nobody need list it. Its parents come as any other."""
        if name in self._own:
            return self._own[name]
        parent = name.rpartition(".")[0]
        holder = self.require(parent) if parent else None
        if path is None:
            return self._execute(self._find(name, holder))
        spec = _specs.get(path)
        if spec is None:
            spec = _specs[path] = importlib.util.spec_from_file_location(name, path)
        return self._execute(spec)

    def _check_allowed(self, name: str) -> None:
        run = self._run
        if run.is_unrestricted():
            return
        matcher = run.restrictions.invalid_modules.access_matcher(run.context, *name.split("."))
        if matcher is None:
            return
        if matcher.leaf_warning is not None:
            warnings.warn(matcher.leaf_message or f"{name} should not be imported by a workflow", matcher.leaf_warning, stacklevel=4)
            return
        raise RestrictedWorkflowAccessError(name, override_message=matcher.leaf_message)

    def _comes_from_outside(self, name: str) -> bool:
        run = self._run
        return bool(self._passing) or run.restrictions.passes_through(name) or run.is_unrestricted()

    def _pass_through(self, name: str) -> ModuleType:
        module = sys.modules.get(name)
        if module is None or name in self._hidden:
            with self._run.outside():
                module = importlib.import_module(name)
                # It may have brought others that are guarded by name.
                guards.install()
        if isinstance(module, ModuleType):
            share(module)
            guards.guard_shared(name, module)
        self._passed[name] = module
        return module

    def _reload(self, name: str, holder: ModuleType | None) -> ModuleType:
        spec = self._find(name, holder)
        if isinstance(spec.loader, ExtensionFileLoader) or spec.loader is None and spec.submodule_search_locations is None:
            # Compiled modules exist once in a process, whatever anybody wishes.
            return self._pass_through(name)
        self._notify(name)
        return self._execute(spec)

    def _find(self, name: str, holder: ModuleType | None) -> ModuleSpec:
        spec = _specs.get(name)
        if spec is not None:
            return spec
        path = getattr(holder, "__path__", None) if holder is not None else None
        if holder is not None and path is None:
            raise ModuleNotFoundError(f"No module named {name!r}; {holder.__name__!r} is not a package", name=name)
        with self._run.outside():
            for finder in sys.meta_path:
                spec = finder.find_spec(name, path)
                if spec is not None:
                    _specs[name] = spec
                    return spec
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)

    def _notify(self, name: str) -> None:
        run = self._run
        policy = run.import_policy or run.restrictions.import_notification_policy
        if Notice.RAISE_ON_UNINTENTIONAL_PASSTHROUGH in policy:
            raise DisallowedUnintentionalPassthroughError(name)
        if Notice.WARN_ON_UNINTENTIONAL_PASSTHROUGH in policy:
            warnings.warn(f"Module {name} is loaded anew for each run: it is not among the passthrough modules.", stacklevel=5)
        if Notice.WARN_ON_DYNAMIC_IMPORT in policy and run.context.is_runtime:
            warnings.warn(f"Module {name} was imported after the workflow began.", stacklevel=5)

    def _execute(self, spec: ModuleSpec) -> ModuleType:
        name = spec.name
        code, plan = self._compiled(spec)
        module = ModuleType(name) if plan is None else LazyModule(name)
        module.__spec__ = spec
        module.__loader__ = spec.loader
        module.__package__ = spec.parent
        if spec.submodule_search_locations is not None:
            module.__path__ = spec.submodule_search_locations
        if spec.has_location:
            module.__file__ = spec.origin
        space = space_of(module)
        space["__builtins__"] = self._run.builtins if plan is None else WaitingNames(self._run, space, plan.waiting)
        self._hidden[name] = sys.modules.get(name, _MISSING)
        self._own[name] = sys.modules[name] = module
        try:
            if code is not None:
                exec(code, space)
        except BaseException:
            del self._own[name]
            outside = self._hidden.pop(name)
            if outside is _MISSING:
                sys.modules.pop(name, None)
            else:
                sys.modules[name] = outside
            raise
        guard_by_policy(name, module, self._run.restrictions.invalid_module_members)
        return module

    def _compiled(self, spec: ModuleSpec) -> tuple[CodeType | None, LoadPlan | None]:
        """What is executed at once, and what may wait. There is nothing of a folder without a file."""
        key = spec.name, spec.origin
        if key not in _codes and spec.has_location:
            with self._run.outside():
                source = spec.loader.get_source(spec.name) if hasattr(spec.loader, "get_source") else None
                plan = _plans[key] = plan_of(source, spec.origin) if source else None
                _codes[key] = spec.loader.get_code(spec.name) if plan is None else plan.at_once
        return _codes.get(key), _plans.get(key)


def _package_of(space: Mapping[str, Any]) -> str:
    package = space.get("__package__")
    if package is not None:
        return package
    name = space["__name__"]
    return name if "__path__" in space else name.rpartition(".")[0]
