"""All faults for a person: what each does, what it takes, an example."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from typing import Any

import click
import msgspec

from replayer.faults.fault import Fault
from replayer.faults.language.catalogue import default, entry
from replayer.faults.language.parameters import Parameter, parameters
from replayer.faults.language.registry import FAMILIES, FAMILY, FAULTS
from replayer.faults.position import Positioned

WIDTH = 110
"""Columns of the page of one fault."""

LIMITS = [parameter for parameter in parameters(Fault).values() if parameter.is_limit]
"""What limits any fault."""

POSITION = [parameter for parameter in parameters(Positioned).values() if not parameter.is_limit]
"""What says where in an answer a fault happens, of those that happen somewhere."""


def families() -> dict[str, list[type[Fault]]]:
    """The faults by the titles of their families."""
    found: dict[str, list[type[Fault]]] = {}
    for name, fault in FAULTS.items():
        found.setdefault(FAMILY[name], []).append(fault)
    return found


def does(fault: type[Fault]) -> str:
    """The first line of its docstring."""
    return entry(fault).summary


def own(fault: type[Fault]) -> list[Parameter]:
    """What it takes beside the limits."""
    return [parameter for parameter in parameters(fault).values() if not parameter.is_limit]


def written(parameter: Parameter) -> str:
    """`key=KIND`, or the word that needs no value."""
    return f"{parameter.name}={parameter.kind.name}" if parameter.kind.name else parameter.name


def signature(fault: type[Fault]) -> str:
    """All that it takes beside the limits, on one line; the position as one word."""
    taken = own(fault)
    has_position = issubclass(fault, Positioned)
    words = [written(one) for one in taken if not (has_position and one in POSITION)]
    return " ".join([*words, "POSITION"] if has_position else words)


def told(parameter: Parameter) -> str:
    """What a parameter says, with its default value."""
    value = "needed" if parameter.needed else default(parameter) and f"default: {default(parameter)}"
    return f"{parameter.help} [{value}]" if value else parameter.help


def plain(fault: type[Fault]) -> dict[str, Any]:
    """A fault for a program, what it takes apart from what limits it."""
    told: dict[str, Any] = msgspec.to_builtins(entry(fault))
    del told["summary"]  # the help begins with it
    sides: dict[bool, list[dict[str, Any]]] = {False: [], True: []}
    for parameter in told["parameters"]:
        sides[parameter.pop("limit")].append(parameter)
    return told | {"parameters": sides[False], "limits": sides[True]}


def write_help(formatter: click.HelpFormatter) -> None:
    """The faults that come with Chatreel and all that they take, as sections of a command's help."""
    found = families()
    for title in FAMILIES.values():
        with formatter.section(f"Faults, {title}"):
            formatter.write_dl([(fault.called, signature(fault) or does(fault)) for fault in found[title]])
    with formatter.section("POSITION, where in an answer a fault happens (one of these)"):
        formatter.write_dl(rows(POSITION))
    with formatter.section("Limits of any fault"):
        formatter.write_dl(rows(LIMITS))


def rows(listed: Iterable[Parameter]) -> list[tuple[str, str]]:
    """Parameters and what they say."""
    return [(written(parameter), told(parameter)) for parameter in listed]


def all_faults() -> str:
    """What each fault does, and its example."""
    width = max(map(len, FAULTS)) + 4
    lines = []
    for title, found in families().items():
        lines.append(f"{title.capitalize()}:")
        for fault in found:
            lines.append(f"  {fault.called}".ljust(width) + does(fault))
            lines.append(" " * width + fault.example)
        lines.append("")
    return "\n".join([*lines, "`chatreel faults NAME` tells what a fault takes."])


def one_fault(fault: type[Fault]) -> str:
    """All of one fault."""
    formatter = click.HelpFormatter(width=WIDTH)
    formatter.write_heading(f"{fault.called}, {FAMILY[fault.called]}")
    with formatter.indentation():
        formatter.write_text(inspect.getdoc(fault) or "")
    with formatter.section("Example"):
        formatter.write_text(f"\b\n{fault.example}")
    if taken := own(fault):
        with formatter.section("Parameters"):
            formatter.write_dl(rows(taken))
    with formatter.section(f"Limits (nth=, first=, every=, probability= and times= count {fault.counts})"):
        formatter.write_dl(rows(LIMITS))
    return formatter.getvalue().rstrip()
