"""The parameters of a fault's class, as data: for reading a plan, for help texts and for the documentation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from types import MappingProxyType
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from replayer.faults.fault import Fault
from replayer.faults.parameter_types import Kind, kind_of


@dataclass(frozen=True)
class Parameter:
    """One parameter: its name in a plan and in the class, what it can be, what it says, its default value."""

    name: str
    field: str
    kind: Kind
    help: str
    default: Any
    needed: bool
    is_limit: bool


KNOWN: dict[type[Fault], Mapping[str, Parameter]] = {}
"""What was read before: it takes a millisecond, and every answer that is hit needs it."""


def parameters(fault: type[Fault]) -> Mapping[str, Parameter]:
    """A fault's parameters by their names in a plan: its own first, then the limits."""
    if fault not in KNOWN:
        KNOWN[fault] = MappingProxyType({parameter.name: parameter for parameter in read(fault)})
    return KNOWN[fault]


def read(fault: type[Fault]) -> list[Parameter]:
    """The parameters that a fault's class declares, as `parameters` has them."""
    hints = get_type_hints(fault, include_extras=True)
    limits = {field.name for field in fields(Fault)}
    found = [
        Parameter(
            name=field.name.rstrip("_").replace("_", "-"),
            field=field.name,
            kind=kind_of(hints[field.name]),
            help=help_of(hints[field.name]),
            default=None if field.default is MISSING else field.default,
            needed=field.default is MISSING,
            is_limit=field.name in limits,
        )
        for field in fields(fault)
    ]
    found.sort(key=lambda parameter: parameter.is_limit)  # stable
    return found


def help_of(hint: Any) -> str:
    """What `Annotated` says about a parameter."""
    if get_origin(hint) is not Annotated:
        return ""
    return next((part for part in get_args(hint)[1:] if isinstance(part, str)), "")
