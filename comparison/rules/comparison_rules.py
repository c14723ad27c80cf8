"""The rules of a comparison, and how they are read from `--compare`, `--ignore` and `--tolerance`."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

import msgspec

from comparison.result import ASPECTS, Aspect
from comparison.rules.noise import SILENCE, Noise
from foundation import quantities
from foundation.errors import UsageError
from replayer.matching.comparable_body import Pointer
from replayer.matching.options import HEADER_NAME, pointer

DEFAULT_ASPECTS = frozenset[Aspect](ASPECTS) - {"timing", "deltas"}
"""What is compared without `--compare`."""

CHOSEN_HEADERS = ("cache-control", "location", "retry-after", "www-authenticate", "x-accel-buffering")
"""Headers that change what a client or a proxy does."""


class Tolerance(msgspec.Struct, frozen=True, kw_only=True):
    """How far two values may be apart and still count as equal.

    `text` is the similarity (0 to 1) that texts need, `number` the part (0.05 is 5 percent) of the larger number by
    which two may differ, `usage` the same for counts of tokens, `heartbeats` how many more or fewer there may be than
    fit into the time, `timing` how many times as long or as short something may take. Durations that differ by `floor`
    microseconds or less are equal.
    """

    text: float = 0.9
    number: float = 0.0
    usage: float = 0.1
    heartbeats: float = 0.9
    timing: float = 2.0
    floor: int = 500_000


class ComparisonRules(msgspec.Struct, frozen=True, kw_only=True):
    """What is compared: `aspects`, and of headers those named in `headers` (in lower case).

    `ignored` are pointers to places in every event and JSON body that are left out; `noise` is what varies by nature.
    """

    aspects: frozenset[Aspect] = DEFAULT_ASPECTS
    headers: tuple[str, ...] = CHOSEN_HEADERS
    ignored: tuple[Pointer, ...] = ()
    tolerance: Tolerance = Tolerance()
    noise: Noise = SILENCE


STRICT = ComparisonRules()


def parse_rules(
    words: Iterable[str] = (),
    ignored: Iterable[str] = (),
    tolerances: Iterable[str] = (),
    noise: Noise = SILENCE,
) -> ComparisonRules:
    """Returns the rules for the values of `--compare`, `--ignore` and `--tolerance`; raises UsageError.

    Plain words name all that is compared; with a sign they change the default: "+timing", "-texts", "+header:Server".
    """
    found = [word.strip() for text in words for word in text.split(",")]
    plain = [aspect(word) for word in found if not word.startswith(("+", "-"))]
    chosen = dict.fromkeys(plain or [*DEFAULT_ASPECTS, *(f"header:{name}" for name in CHOSEN_HEADERS)])
    for word in found:
        if word.startswith("+"):
            chosen[aspect(word[1:])] = None
        elif word.startswith("-"):
            chosen.pop(aspect(word[1:]), None)
    names = tuple(sorted(name.removeprefix("header:") for name in chosen if name.startswith("header:")))
    named = {"headers"} if any("header:" in word.lower() and word[0] != "-" for word in found) else set()
    return ComparisonRules(
        aspects=frozenset(one for one in ASPECTS if one in chosen.keys() | named),
        headers=names or CHOSEN_HEADERS,
        ignored=tuple(map(pointer, ignored)),
        tolerance=parse_tolerance(tolerances),
        noise=noise,
    )


def aspect(word: str) -> str:
    """Returns an aspect, or "header:NAME", in lower case; raises UsageError, which suggests the most similar one."""
    kind, _, name = word.partition(":")
    if word.lower() in ASPECTS:
        return word.lower()
    if kind.lower() == "header" and HEADER_NAME.fullmatch(name):
        return f"header:{name.lower()}"
    near = difflib.get_close_matches(kind.lower(), ASPECTS, n=1)
    hint = f"did you mean {near[0]}?" if near else f"write {', '.join(ASPECTS)} or header:NAME"
    raise UsageError(f"--compare {word}: there is no such thing to compare; {hint}")


def parse_tolerance(words: Iterable[str]) -> Tolerance:
    """Reads values of `--tolerance`: text=0.8, number=0.05, usage=20%, floor=250ms ...; raises UsageError."""
    settings = {}
    for word in words:
        name, equals, text = word.partition("=")
        if name not in Tolerance.__struct_fields__ or not equals:
            known = "text=0.8, number=0.05, usage=20%, heartbeats=2, timing=3 or floor=250ms"
            raise UsageError(f"--tolerance {word}: write {known}")
        settings[name] = amount(name, text)
    return Tolerance(**settings)  # type: ignore[arg-type] # floor is an integer


def amount(name: str, text: str) -> float:
    """Returns the value of one tolerance, of `floor` in microseconds; raises UsageError."""
    try:
        if name == "floor":
            return quantities.duration(text)
        value = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError as error:
        wrong = str(error) if name == "floor" else "this is no number"
        raise UsageError(f"--tolerance {name}={text}: {wrong}") from None
    least, most = {"text": (0, 1), "timing": (1, 1e6)}.get(name, (0, 1e6))
    if not least <= value <= most:
        raise UsageError(f"--tolerance {name}={text}: write a number from {least} to {most:g}")
    return value
