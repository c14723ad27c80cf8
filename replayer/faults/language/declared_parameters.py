"""Reads the parameters of a fault's class, for reading a plan, for help texts and for the documentation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from types import MappingProxyType
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from replayer.faults.fault import Fault
from replayer.faults.parameter_types import Kind, kind_of


@dataclass(frozen=True)
class Parameter:
    """A parameter: its name in a plan, its field in the class, the kind of its values, its help, its default value.

    `needed` is one without a default; `is_limit` is one that every fault has.
    """

    name: str
    field: str
    kind: Kind
    help: str
    default: Any
    needed: bool
    is_limit: bool


KNOWN: dict[type[Fault], Mapping[str, Parameter]] = {}
"""The parameters that were read before: reading takes a millisecond, and every response that is hit needs them."""


def parameters(fault: type[Fault]) -> Mapping[str, Parameter]:
    """Return a fault's parameters by their names in a plan: its own first, then the limits."""
    if fault not in KNOWN:
        KNOWN[fault] = MappingProxyType({parameter.name: parameter for parameter in declared(fault)})
    return KNOWN[fault]


def declared(fault: type[Fault]) -> list[Parameter]:
    """Return the parameters that a fault's class declares, in the order of `parameters`."""
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
    """Return the help of a parameter, the text in its `Annotated`, empty if there is none."""
    if get_origin(hint) is not Annotated:
        return ""
    return next((part for part in get_args(hint)[1:] if isinstance(part, str)), "")
