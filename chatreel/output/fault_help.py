"""The help on faults: what each does, which parameters it takes, and an example."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from typing import Any

import click
import msgspec

from replayer.faults.fault import Fault
from replayer.faults.language.catalogue import default, entry
from replayer.faults.language.declared_parameters import Parameter, parameters
from replayer.faults.language.registry import FAULTS, family
from replayer.faults.position import Positioned

WIDTH = 110
"""Columns of the description of one fault."""

LIMITS = [parameter for parameter in parameters(Fault).values() if parameter.is_limit]
"""The parameters of every fault that limit which answers it hits."""

POSITION = [parameter for parameter in parameters(Positioned).values() if not parameter.is_limit]
"""The parameters that say where in an answer a fault happens, of those faults that have a position."""


def families() -> dict[str, list[type[Fault]]]:
    """The faults of each family, by its title."""
    found: dict[str, list[type[Fault]]] = {}
    for fault in FAULTS.values():
        found.setdefault(family(fault), []).append(fault)
    return found


def summary(fault: type[Fault]) -> str:
    """What a fault does: the first line of its docstring."""
    return entry(fault).summary


def own_parameters(fault: type[Fault]) -> list[Parameter]:
    """The parameters of a fault beside the limits."""
    return [parameter for parameter in parameters(fault).values() if not parameter.is_limit]


def usage(parameter: Parameter) -> str:
    """How a parameter is written: `key=KIND`, or a single word for one without a value."""
    return f"{parameter.name}={parameter.kind.name}" if parameter.kind.name else parameter.name


def description(parameter: Parameter) -> str:
    """The help text of a parameter, with its default value or the note that it is needed."""
    value = "needed" if parameter.needed else default(parameter) and f"default: {default(parameter)}"
    return f"{parameter.help} [{value}]" if value else parameter.help


def plain(fault: type[Fault]) -> dict[str, Any]:
    """The JSON object of a fault, with its limits apart from its other parameters."""
    fields: dict[str, Any] = msgspec.to_builtins(entry(fault))
    del fields["summary"]  # the help begins with it
    sides: dict[bool, list[dict[str, Any]]] = {False: [], True: []}
    for parameter in fields["parameters"]:
        sides[parameter.pop("limit")].append(parameter)
    return fields | {"parameters": sides[False], "limits": sides[True]}


def rows(listed: Iterable[Parameter]) -> list[tuple[str, str]]:
    """The rows of a list of parameters: usage and description."""
    return [(usage(parameter), description(parameter)) for parameter in listed]


def all_faults() -> str:
    """The list of all faults: what each does, and an example."""
    width = max(map(len, FAULTS)) + 4
    lines = []
    for title, found in families().items():
        lines.append(f"{title.capitalize()}:")
        for fault in found:
            lines.append(f"  {fault.called}".ljust(width) + summary(fault))
            lines.append(" " * width + fault.example)
        lines.append("")
    return "\n".join([*lines, "`chatreel faults NAME` tells what a fault takes."])


def one_fault(fault: type[Fault]) -> str:
    """The description of one fault: docstring, example, parameters, limits."""
    formatter = click.HelpFormatter(width=WIDTH)
    formatter.write_heading(f"{fault.called}, {family(fault)}")
    with formatter.indentation():
        formatter.write_text(inspect.getdoc(fault) or "")
    with formatter.section("Example"):
        formatter.write_text(f"\b\n{fault.example}")
    if taken := own_parameters(fault):
        with formatter.section("Parameters"):
            formatter.write_dl(rows(taken))
    with formatter.section(f"Limits (nth=, first=, every=, probability= and times= count {fault.counts})"):
        formatter.write_dl(rows(LIMITS))
    return formatter.getvalue().rstrip()
