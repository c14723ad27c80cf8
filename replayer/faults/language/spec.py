"""Reads a fault from a line of text (`reset after-events=3`) or a table, and writes it as a line."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

from foundation.errors import UsageError
from replayer.faults.fault import Fault
from replayer.faults.language.declared_parameters import Parameter, parameters
from replayer.faults.language.registry import FAULTS
from replayer.faults.language.words import quoted, unquoted, words
from replayer.faults.parameter_types import Json, Kind, json_text, kind_of

JSON = kind_of(Json)


def parse(line: str) -> Fault:
    """Return the fault of a line `NAME key=value ...`; raises UsageError for a wrong one."""
    try:
        line.encode()  # a lone surrogate could not be sent as UTF-8
        name, *rest = words(line) or [""]
    except ValueError as error:
        raise UsageError(f"fault {line!r}: {error}") from None
    fault = named(name)
    values: dict[str, str] = {}
    for word in rest:
        key, equals, value = word.partition("=")
        parameter = parameter_of(fault, key)
        if key in values:
            raise UsageError(f"fault {name}: {key}= is given twice")
        if not equals and parameter.kind.name:
            raise UsageError(f"fault {name}: {key} needs a value, {key}={parameter.kind.name}")
        values[key] = value if parameter.kind is JSON and value[:1] != "'" else unquoted(value)
    return build(fault, values)


def from_table(table: Mapping[str, Any]) -> Fault:
    """Return the fault of a table with its name as `fault`, and its parameters; raises UsageError for a wrong one."""
    name = table.get("fault")
    if not isinstance(name, str):
        raise UsageError('a table needs its fault, as in fault = "reset"')
    fault = named(name)
    values: dict[str, str] = {}
    for key, value in table.items():
        if key != "fault":
            values[key] = text_of(value, parameter_of(fault, key).kind)
    return build(fault, values)


def text_of(value: Any, kind: Kind) -> str:
    """Return a value of a table as it would be written in a line."""
    if kind is JSON:
        return json_text(value)
    return value if isinstance(value, str) else json_text(value)


def write(fault: Fault) -> str:
    """Return the fault as a line that `parse` reads, without the parameters that have their default."""
    words_of_line = [fault.called]
    for parameter in parameters(type(fault)).values():
        value = getattr(fault, parameter.field)
        if parameter.needed or value != parameter.default:
            words_of_line.append(written(parameter, value))
    return " ".join(words_of_line)


def written(parameter: Parameter, value: Any) -> str:
    """Return a parameter as `key=value`, or as a word alone where it takes no value."""
    text = parameter.kind.write(value)
    if not parameter.kind.name:
        return parameter.name
    return f"{parameter.name}={text if parameter.kind is JSON else quoted(text)}"


def build(fault: type[Fault], texts: Mapping[str, str]) -> Fault:
    """Return the fault with these values, read from text; raises UsageError for a wrong or a missing one."""
    known = parameters(fault)
    values: dict[str, Any] = {}
    for name, text in texts.items():
        try:
            values[known[name].field] = known[name].kind.read(text)
        except ValueError as error:
            raise UsageError(f"fault {fault.called}: {name}: {error}") from None
    for parameter in known.values():
        if parameter.needed and parameter.name not in texts:
            raise UsageError(
                f"fault {fault.called} needs {parameter.name}={parameter.kind.name}, as in: {fault.example}"
            )
    try:
        return fault(**values)
    except ValueError as error:
        raise UsageError(f"fault {fault.called}: {error}") from None


def named(name: str) -> type[Fault]:
    """Return the fault's class of this name; raises UsageError with the nearest name."""
    if name not in FAULTS:
        raise UsageError(
            f"there is no fault {name!r}{nearest(name, FAULTS)}; `chatreel faults` lists them all"
        )
    return FAULTS[name]


def parameter_of(fault: type[Fault], key: str) -> Parameter:
    """Return the fault's parameter of this name; raises UsageError with the nearest name."""
    known = parameters(fault)
    if key not in known:
        raise UsageError(
            f"fault {fault.called} has no {key!r}{nearest(key, known)};"
            f" `chatreel faults {fault.called}` lists what it takes"
        )
    return known[key]


def nearest(name: str, known: Iterable[str]) -> str:
    """Return a hint at the known name nearest to a wrong one, empty if none is near."""
    found = difflib.get_close_matches(name, list(known), 1)
    return f", did you mean {found[0]!r}?" if found else ""
