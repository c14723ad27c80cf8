"""All faults by name: those in the family folders beside this file, and those of a user's own modules."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import pkgutil
import sys
from collections.abc import Iterator
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

FAULTS: dict[str, type[Fault]] = {}
"""The faults by the names that a plan uses."""

FAMILY: dict[str, str] = {}
"""The title of a fault's family, by the fault's name."""


def defined(module: ModuleType) -> Iterator[type[Fault]]:
    """Return the faults that a module defines itself, in its order."""
    for found in vars(module).values():
        own = inspect.isclass(found) and found.__module__ == module.__name__
        if own and issubclass(found, Fault) and hasattr(found, "called"):
            yield found


def register(module: ModuleType, family: str) -> list[str]:
    """Register the faults of a module, and return their names; raises ValueError or TypeError for a wrong one."""
    names = []
    for fault in defined(module):
        if FAULTS.get(fault.called, fault) is not fault:
            raise ValueError(f"there is a fault {fault.called!r} already")
        check(fault)
        FAULTS[fault.called], FAMILY[fault.called] = fault, family
        names.append(fault.called)
    return names


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
        names = register(found, "your own")
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


def register_all() -> None:
    """Register the faults that come with Chatreel."""
    for family, title in FAMILIES.items():
        package = importlib.import_module(f"{faults.__name__}.{family}")
        for found in pkgutil.iter_modules(package.__path__):
            register(importlib.import_module(f"{package.__name__}.{found.name}"), title)


register_all()
