"""All faults by name: those in the family folders beside this file, and those of a user's own modules.

A fault is in the module of its name, as `fail-job` in `jobs/fail_job.py`, which is imported when it is asked for: to
import all of them takes a tenth of a second.
"""

from __future__ import annotations

import functools
import importlib
import importlib.util
import inspect
import pkgutil
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import ModuleType

from foundation.errors import UsageError
from replayer import faults
from replayer.faults.fault import Fault
from replayer.faults.language.declared_parameters import parameters
from replayer.faults.language.error_location import where

FAMILIES = {
    "before": "before the answer",
    "pace": "pace of the stream",
    "events": "events",
    "ending": "end of the stream",
    "sessions": "sessions",
    "jobs": "jobs",
}
"""The folders, in the order of what they change, and their titles."""

YOUR_OWN = "your own"
"""The title of the family of a user's faults."""


class FaultRegistry(Mapping[str, type[Fault]]):
    """The faults by the names that a plan uses, those that come with Chatreel first, a family after the other."""

    def __init__(self) -> None:
        self._own: dict[str, type[Fault]] = {}

    def __getitem__(self, name: str) -> type[Fault]:
        """Return a fault's class; raises KeyError when there is none of this name."""
        module = modules().get(name)
        fault = shipped(module) if module else None
        return fault or self._own[name]

    def __iter__(self) -> Iterator[str]:
        """Return the names; this imports all faults."""
        return iter([*(name for name, module in modules().items() if shipped(module)), *self._own])

    def __len__(self) -> int:
        """Return how many faults there are."""
        return sum(1 for _ in self)

    def register(self, module: ModuleType) -> list[str]:
        """Register the faults of a user's module, and return their names; raises ValueError or TypeError."""
        names = []
        for fault in defined(module):
            if self.get(fault.called, fault) is not fault:
                raise ValueError(f"there is a fault {fault.called!r} already")
            check(fault)
            self._own[fault.called] = fault
            names.append(fault.called)
        return names

    def forget(self, names: Iterable[str]) -> None:
        """Forget faults of a user's own."""
        for name in names:
            self._own.pop(name, None)


FAULTS = FaultRegistry()


@functools.cache
def modules() -> Mapping[str, str]:
    """Return the modules in the family folders by the names that a fault in each would have."""
    return {
        found.name.replace("_", "-"): f"{faults.__name__}.{family}.{found.name}"
        for family in FAMILIES
        for found in pkgutil.iter_modules([str(Path(faults.__path__[0], family))])
    }


@functools.cache
def shipped(module: str) -> type[Fault] | None:
    """Import a module in a family folder, and return the fault in it; None when it is one that helps others."""
    return next(defined(importlib.import_module(module)), None)


def family(fault: type[Fault]) -> str:
    """Return the title of a fault's family."""
    package, _, _ = fault.__module__.rpartition(".")
    return FAMILIES.get(package.removeprefix(f"{faults.__name__}."), YOUR_OWN)


def defined(module: ModuleType) -> Iterator[type[Fault]]:
    """Return the faults that a module defines itself, in its order."""
    for found in vars(module).values():
        own = inspect.isclass(found) and found.__module__ == module.__name__
        if own and issubclass(found, Fault) and hasattr(found, "called"):
            yield found


def check(fault: type[Fault]) -> None:
    """Raise ValueError or TypeError for a mistake in a fault's class that would else show only when it is used."""
    if inspect.get_annotations(fault) and "__dataclass_fields__" not in vars(fault):
        raise TypeError(f"fault {fault.called!r} needs @dataclass(frozen=True, kw_only=True) above its class")
    if not hasattr(fault, "example"):
        raise TypeError(f"fault {fault.called!r} needs an example, which `chatreel faults` prints")
    if fault.begin is Fault.begin:
        raise TypeError(f"fault {fault.called!r} needs a begin(self, context)")
    parameters(fault)  # raises for a parameter of no kind


def load(module: str) -> list[str]:
    """Register the faults of a user's own module, a dotted name or the path of a file, and return their names.

    The module's code is run. Raises UsageError when it cannot be imported or defines no fault.
    """
    found = imported(module)
    try:
        names = FAULTS.register(found)
    except (TypeError, ValueError) as error:
        raise UsageError(f"--fault-module {module}: {error}") from None
    if not names:
        raise UsageError(
            f"--fault-module {module}: it defines no fault; derive one from replayer.faults.fault.Fault"
        )
    return names


def imported(module: str) -> ModuleType:
    """Return the imported module; raises UsageError with the line at which it fails."""
    try:
        return from_file(Path(module)) if module.endswith(".py") else importlib.import_module(module)
    except (ImportError, OSError, SyntaxError) as error:
        raise UsageError(f"--fault-module {module}: {error}") from None
    except Exception as error:  # noqa: BLE001 - the code is the user's, and can raise anything
        raise UsageError(f"--fault-module {module}: {where(error, module)}") from None


def from_file(path: Path) -> ModuleType:
    """Return the module of a Python file, which is run only the first time."""
    name = f"chatreel faults {path.resolve()}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} cannot be imported")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module
