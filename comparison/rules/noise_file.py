"""Reads and writes the noise file: TOML that people read, edit and commit.

Reading what `write_noise` wrote gives the same noise; its comments explain each line.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from comparison.rules.noise import Field, Noise
from foundation.errors import UsageError

EXPLANATION = """\
# What varies by nature in this chatbot's answers, and so is no difference. Edit it, and commit it.
#
# heartbeats   true: their number varies
# states       true: polls see a job in other states on its way
# timing       how many times as long, or as short, anything may take
#
# Each [[field]] is a place in what the chatbot says:
#   pointer      a JSON pointer; * is any key or index
#   request      where: "POST /api/v1/stream", * is any segment of the path; all requests without it
#   event        the type of the event; without it, the body of a response that is no stream
#   varies       "value": any value of the same type; "any": anything or nothing; "presence": there or not;
#                "text": another wording; "sentences": some more or less of them, in an answer
#   similarity   from 0 to 1, what a text needs to be the same
"""

BAD_POINTER = re.compile(r"[^/]|/.*~(?![01])", re.DOTALL)


class NoiseFile(msgspec.Struct, forbid_unknown_fields=True):
    """The keys of a noise file."""

    field: list[Field] = []
    timing: float | None = None
    heartbeats: bool = False
    states: bool = False


def read_noise(file: Path) -> Noise:
    """Returns the noise in a file; raises UsageError, which names the file and what is wrong."""
    try:
        return parse_noise(file.read_text(encoding="utf-8"), str(file))
    except OSError as error:
        raise UsageError(f"{file}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{file}: this is no TOML, which is UTF-8") from None


def parse_noise(text: str, name: str) -> Noise:
    """Returns the noise in the text of a file; raises UsageError with the file's name and what is wrong."""
    try:
        found = msgspec.convert(tomllib.loads(text), NoiseFile)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{name}: this is no TOML: {error}") from None
    except RecursionError:
        raise UsageError(f"{name}: it is nested too deep: write [[field]] tables only") from None
    except msgspec.ValidationError as error:
        raise UsageError(f"{name}: {error}".replace("`$.", "`").replace("`$`", "the file")) from None
    for number, field in enumerate(found.field, 1):
        wrong = error_in(field)
        if wrong:
            raise UsageError(f"{name}: [[field]] number {number}: {wrong}")
    if found.timing is not None and not found.timing >= 1:
        raise UsageError(f"{name}: timing = {found.timing}: write how many times as long, 1 or more")
    return Noise(
        fields=tuple(found.field), timing=found.timing, heartbeats=found.heartbeats, states=found.states
    )


def error_in(field: Field) -> str:
    """Returns what is wrong with a field, "" when nothing is."""
    if BAD_POINTER.match(field.pointer):
        return f"{field.pointer!r} is no JSON pointer; it begins with / and has ~ as ~0"
    if field.similarity is not None and not 0 <= field.similarity <= 1:
        return f"similarity = {field.similarity}: write a number from 0 to 1"
    if field.similarity is not None and field.varies != "text":
        return f'similarity is for varies = "text", this one is "{field.varies}"'
    return ""


def write_noise(noise: Noise, notes: Mapping[Field, str] | None = None) -> str:
    """Returns the text of a noise file; `notes` are comments for some of the fields."""
    return EXPLANATION + "".join(f"{line}\n" for line in lines(noise, notes or {}))


def lines(noise: Noise, notes: Mapping[Field, str]) -> Iterator[str]:
    """Yields the lines that follow the explanation."""
    yield ""
    yield f"heartbeats = {str(noise.heartbeats).lower()}"
    yield f"states = {str(noise.states).lower()}"
    if noise.timing is not None:
        yield f"timing = {float(noise.timing)!r}"
    for field in noise.fields:
        yield ""
        if field in notes:
            yield f"# {comment(notes[field])}"
        yield "[[field]]"
        yield f"pointer = {quoted(field.pointer)}"
        for name, value in (("request", field.request), ("event", field.event)):
            if value:
                yield f"{name} = {quoted(value)}"
        yield f"varies = {quoted(field.varies)}"
        if field.similarity is not None:
            yield f"similarity = {float(field.similarity)!r}"


def quoted(text: str) -> str:
    """Returns a text as a TOML basic string: as JSON, with DEL, which JSON does not escape, escaped too."""
    return msgspec.json.encode(text).decode().replace("\x7f", "\\u007F")


def comment(text: str) -> str:
    """Returns a text as one line of a comment; what is not printable, as a line feed that was received, is a space."""
    return "".join(char if char.isprintable() else " " for char in text)
