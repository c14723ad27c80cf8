"""The types of faults' parameters: the kind of each reads a value from text, and writes it back.

A fault declares `time: Annotated[Duration, "how long"] = 0`; the kind is what `Duration` stands for.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from types import NoneType
from typing import Annotated, Any, Literal, TypeAliasType, get_args, get_origin

import msgspec

from foundation import quantities
from replayer.exchange_number import ExchangeId, read_id, write_id

HEADER_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
HEADER_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
POINTER = re.compile(r"(/([^~/]|~[01])*)*")


@dataclass(frozen=True)
class Kind:
    """The name of values of this kind in help texts, and functions to read and write one.

    `read` raises ValueError with what is wrong. `name` is empty for a word without a value.
    """

    name: str
    read: Callable[[str], Any]
    write: Callable[[Any], str] = str


def whole(least: int, name: str = "N") -> Kind:
    """Return the kind of whole numbers from `least` on."""

    def read(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,15}", text) or int(text) < least:
            raise ValueError(f"{text!r} is no whole number from {least} on")
        return int(text)

    return Kind(name, read)


def fraction(text: str) -> float:
    """Return the share that a text such as 0.5 or 50% stands for."""
    found = re.fullmatch(r"([0-9]{1,9}(?:\.[0-9]{1,15})?)(%?)", text)
    value = float(found[1]) / (100 if found[2] else 1) if found else -1.0
    if not 0 <= value <= 1:
        raise ValueError(f"{text!r} is no share; write a number from 0 to 1, or 50%")
    return value


def rate(text: str) -> float:
    """Return a number above 0."""
    if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", text) or float(text) == 0:
        raise ValueError(f"{text!r} is no rate; write a number above 0, as in 5 or 0.5")
    return float(text)


def some_bytes(text: str) -> int:
    """Return a size in bytes that is not 0."""
    if not (count := quantities.size(text)):
        raise ValueError(f"{text!r} is nothing; write a size above 0")
    return count


def write_number(value: float) -> str:
    """Return a number as text, without an exponent or zeros at its end."""
    return f"{value:.15f}".rstrip("0").rstrip(".")


def spread(text: str) -> tuple[int, int]:
    """Return the two durations of LOW..HIGH, in microseconds."""
    low, dots, high = text.partition("..")
    if not dots or (times := (quantities.duration(low), quantities.duration(high))) != tuple(sorted(times)):
        raise ValueError(f"{text!r} is no range of durations; write LOW..HIGH, as in 100ms..2s")
    return times


def write_spread(times: tuple[int, int]) -> str:
    """Return two durations as `spread` reads them."""
    return "..".join(map(quantities.write_duration, times))


def lognormal(text: str) -> tuple[int, float]:
    """Return MEDIAN,SIGMA: microseconds, and the standard deviation of the duration's natural logarithm."""
    median, _, sigma = text.partition(",")
    try:
        return quantities.duration(median), rate(sigma)
    except ValueError:
        raise ValueError(f"{text!r} is no distribution; write MEDIAN,SIGMA, as in 800ms,0.5") from None


def header_line(text: str) -> tuple[str, str]:
    """Return the name and value of a header written as NAME:VALUE."""
    name, colon, value = text.partition(":")
    if not colon or not HEADER_NAME.fullmatch(name) or not HEADER_VALUE.fullmatch(value.strip()):
        raise ValueError(f"{text!r} is no header; write NAME:VALUE")
    return name, value.strip()


def header_name(text: str) -> str:
    """Return the name of a header or a cookie, a token of RFC 9110, 5.6.2."""
    if not HEADER_NAME.fullmatch(text):
        raise ValueError(f"{text!r} is no name of a header or a cookie")
    return text


def header_value(text: str) -> str:
    """Return a text that can be the value of a header."""
    if not HEADER_VALUE.fullmatch(text):
        raise ValueError(f"{text!r} cannot stand in a header")
    return text


def status(text: str) -> int:
    """Return the status of a final response, 200 to 599."""
    if not re.fullmatch(r"[2-5][0-9][0-9]", text):
        raise ValueError(f"{text!r} is no status; write a number from 200 to 599")
    return int(text)


def pointer(text: str) -> str:
    """Return a JSON pointer (RFC 6901) that is not the whole document."""
    if not text or not POINTER.fullmatch(text):
        raise ValueError(f"{text!r} is no JSON pointer; write /progress, or /result/sources/0")
    return text


def line(text: str) -> str:
    """Return a text of one line that is not empty."""
    if not text or re.search(r"[\r\n\0]", text):
        raise ValueError(f"{text!r} is not a line of text")
    return text


def json(text: str) -> Any:
    """Return the value of a JSON text, or the text itself if it is no JSON: `5` is a number, and `five` a string."""
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return text


def flag(text: str) -> bool:
    """Return True for a word without a value, or with the value `true`."""
    if text not in {"", "true"}:
        raise ValueError("it takes no value")
    return True


def one_of(*choices: str) -> Kind:
    """Return the kind of values that are one of these words."""

    def read(text: str) -> str:
        if text not in choices:
            raise ValueError(f"{text!r} is none of {', '.join(choices)}")
        return text

    return Kind("|".join(choices), read)


def json_text(value: Any) -> str:
    """Return a value as JSON text."""
    return msgspec.json.encode(value).decode()


Duration = Annotated[int, Kind("TIME", quantities.duration, quantities.write_duration)]
Spread = Annotated[tuple[int, int], Kind("LOW..HIGH", spread, write_spread)]
Lognormal = Annotated[
    tuple[int, float],
    Kind(
        "MEDIAN,SIGMA",
        lognormal,
        lambda value: f"{quantities.write_duration(value[0])},{write_number(value[1])}",
    ),
]
Size = Annotated[int, Kind("SIZE", quantities.size)]
SomeBytes = Annotated[int, Kind("SIZE", some_bytes)]
Fraction = Annotated[float, Kind("SHARE", fraction, write_number)]
Rate = Annotated[float, Kind("NUMBER", rate, write_number)]
Number = Annotated[int, whole(0)]
Ordinal = Annotated[int, whole(1)]
Exchange = Annotated[ExchangeId, Kind("N", read_id, write_id)]
Status = Annotated[int, Kind("STATUS", status)]
HeaderLine = Annotated[tuple[str, str], Kind("NAME:VALUE", header_line, ":".join)]
Name = Annotated[str, Kind("NAME", header_name)]
HeaderValue = Annotated[str, Kind("VALUE", header_value)]
Pointer = Annotated[str, Kind("POINTER", pointer)]
Line = Annotated[str, Kind("TEXT", line)]
Text = Annotated[str, Kind("TEXT", str)]
Json = Annotated[Any, Kind("JSON", json, json_text)]
Flag = Annotated[bool, Kind("", flag, lambda _value: "")]


def kind_of(hint: Any) -> Kind:
    """Return the kind of a parameter's type, optional or a `Literal` of words, too; raises TypeError if it has none."""
    if isinstance(hint, TypeAliasType):
        return kind_of(hint.__value__)
    if get_origin(hint) is Literal:
        return one_of(*get_args(hint))
    for part in getattr(hint, "__metadata__", ()):
        if isinstance(part, Kind):
            return part
    for part in get_args(hint):
        if part is not NoneType and not isinstance(part, str):
            return kind_of(part)
    raise TypeError(f"{hint!r} is no kind of parameter: use one of replayer/faults/parameter_types.py")
