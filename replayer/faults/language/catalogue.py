"""All faults as data, for a page or a program that offers them."""

from __future__ import annotations

import inspect
from typing import Literal

import msgspec

from replayer.faults.fault import Fault
from replayer.faults.language.declared_parameters import Parameter, parameters
from replayer.faults.language.registry import FAULTS, family


class ParameterEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A parameter: `kind` names its values, empty for a word without one; a limit is a parameter of every fault.

    `default` is as it is written, null where there is none.
    """

    name: str
    kind: str
    help: str
    needed: bool
    default: str | None
    limit: bool


class FaultEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A fault: `counts` says what its limits count, requests or events of a response."""

    name: str
    family: str
    summary: str
    help: str
    example: str
    counts: Literal["requests", "events"]
    parameters: list[ParameterEntry]


def catalogue() -> list[FaultEntry]:
    """Return all faults that can be named, by family."""
    return list(map(entry, FAULTS.values()))


def entry(fault: type[Fault]) -> FaultEntry:
    """Return a fault as data; its help is the docstring of its class, its summary the first line of that."""
    help_ = inspect.getdoc(fault) or ""
    return FaultEntry(
        name=fault.called,
        family=family(fault),
        summary=help_.partition("\n")[0],
        help=help_,
        example=fault.example,
        counts=fault.counts,
        parameters=list(map(parameter_entry, parameters(fault).values())),
    )


def parameter_entry(parameter: Parameter) -> ParameterEntry:
    """Return a parameter as data."""
    return ParameterEntry(
        name=parameter.name,
        kind=parameter.kind.name,
        help=parameter.help,
        needed=parameter.needed,
        default=default(parameter) or None,
        limit=parameter.is_limit,
    )


def default(parameter: Parameter) -> str:
    """Return the default value as it is written in a plan, empty for none and for an option that is off."""
    if parameter.needed or parameter.default is None or parameter.default is False:
        return ""
    return parameter.kind.write(parameter.default)
