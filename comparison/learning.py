"""Learns from recordings of the same conversation what varies by nature.

The recordings are compared with each other, strictly; what differs is noise, as far as noise can say it. Then they
are compared again under that noise, because what varies can hide what else does, until nothing new is found.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations

import msgspec

from comparison.compare import compare_sessions
from comparison.conversation.recorded_sessions import RecordedSessions
from comparison.result import ASPECTS, Difference, Uncompared
from comparison.rules.comparison_rules import STRICT, ComparisonRules, Tolerance
from comparison.rules.noise import Field, Noise, Varies
from foundation.errors import UsageError

MOST_ROUNDS = 10

MOST_RECORDINGS = 6
"""Of more, each is compared with the first one and the one before it, and not with all others."""

MARGIN = 0.25
"""Texts may be that much less alike, and times that much more apart, than was seen."""

INDEX = re.compile(r"/\d+(?=/|$)")

VARIES: Mapping[tuple[str, str], Varies] = {
    ("values", "changed"): "value",
    ("texts", "changed"): "text",
    ("structure", "retyped"): "any",
    ("structure", "added"): "presence",
    ("structure", "removed"): "presence",
    ("structure", "moved"): "presence",
    ("structure", "duplicated"): "presence",
}
"""What a difference says of the field in which it is."""


class Learned(msgspec.Struct, frozen=True, kw_only=True):
    """What was learned. `notes` say of a field what was seen in it.

    `unexplained` are the differences between the recordings that noise cannot say, such as another status;
    `uncompared` what had no counterpart.
    """

    noise: Noise
    notes: Mapping[Field, str]
    unexplained: tuple[Difference, ...] = ()
    uncompared: tuple[Uncompared, ...] = ()


def learn(recordings: Sequence[RecordedSessions], rules: ComparisonRules = STRICT) -> Learned:
    """What varies between two or more recordings of the same conversation; raises UsageError for fewer.

    `rules` say what is ignored; noise that they have already is kept.
    """
    if len(recordings) < 2:
        raise UsageError("--learn needs two recordings of the same conversation, or more")
    noise, notes = rules.noise, dict[Field, str]()
    for _ in range(MOST_ROUNDS):
        found, uncompared = together(recordings, strict(rules, noise))
        grown = noise_of(noise, found, notes)
        if grown == noise:
            break
        noise = grown
    rest = tuple(one for one in found if one.aspect != "timing")
    return Learned(
        noise=noise,
        notes={field: notes[field] for field in noise.fields if field in notes},
        unexplained=rest,
        uncompared=tuple(uncompared),
    )


def strict(rules: ComparisonRules, noise: Noise) -> ComparisonRules:
    """The rules under which whatever scatters is seen."""
    tolerance = Tolerance(text=1.0, timing=1.0, floor=rules.tolerance.floor)
    return msgspec.structs.replace(rules, aspects=frozenset(ASPECTS), tolerance=tolerance, noise=noise)


def together(
    recordings: Sequence[RecordedSessions], rules: ComparisonRules
) -> tuple[list[Difference], list[Uncompared]]:
    """In what recordings differ from each other."""
    differences: list[Difference] = []
    uncompared: list[Uncompared] = []
    for one, other in couples(len(recordings)):
        for session in compare_sessions(recordings[one], recordings[other], rules):
            differences += session.differences
            uncompared += session.uncompared
    return differences, uncompared


def couples(count: int) -> Iterable[tuple[int, int]]:
    """Which recordings are compared."""
    if count <= MOST_RECORDINGS:
        return combinations(range(count), 2)
    return sorted({(first, other) for other in range(1, count) for first in (0, other - 1)})


def noise_of(noise: Noise, found: Sequence[Difference], notes: dict[Field, str]) -> Noise:
    """Noise that has what these differences say as well; notes are taken of it."""
    fields = {(field.pointer, field.request, field.event, field.varies): field for field in noise.fields}
    for one in found:
        field = field_of(one)
        if field is not None:
            known = fields.get((field.pointer, field.request, field.event, field.varies))
            if known is None or less(field, known):
                fields[field.pointer, field.request, field.event, field.varies] = field
                notes.setdefault(field, f"{one.recorded} | {one.live}")
    return Noise(
        fields=tuple(fields.values()),
        timing=scatter(noise.timing, times_of(found)),
        heartbeats=noise.heartbeats or any(map(is_heartbeat_count, found)),
        states=noise.states or any(map(is_state, found)),
    )


def less(field: Field, known: Field) -> bool:
    """Whether the texts of a field were less alike than was known."""
    return (
        field.similarity is not None and known.similarity is not None and field.similarity < known.similarity
    )


def field_of(one: Difference) -> Field | None:
    """The field that varies, if a difference tells of one."""
    varies = VARIES.get((one.aspect, one.change))
    if varies is None or not one.request:
        return None
    return Field(
        pointer=INDEX.sub("/*", one.pointer),
        request=one.request,
        event=one.event,
        varies=varies,
        similarity=None if varies != "text" or one.measure is None else lowered(one.measure),
    )


def lowered(similarity: float) -> float:
    """What texts need that were that much alike: something less, in hundredths."""
    return max(0.0, math.floor(100 * (similarity - MARGIN * (1 - similarity))) / 100)


def times_of(found: Iterable[Difference]) -> Iterator[float]:
    """How many times as long things took."""
    return (one.measure for one in found if one.aspect == "timing" and one.measure is not None)


def scatter(known: float | None, times: Iterable[float]) -> float | None:
    """How many times as long things may take: something more than was seen, in tenths."""
    most = max(times, default=None)
    return known if most is None else max(known or 1.0, math.ceil(10 * most * (1 + MARGIN)) / 10)


def is_heartbeat_count(one: Difference) -> bool:
    """Whether there were more heartbeats on one side."""
    return one.aspect == "heartbeats"


def is_state(one: Difference) -> bool:
    """Whether polls saw a job in another state: an event that is none of a stream."""
    return one.aspect == "events" and not one.event and one.change in {"added", "removed", "moved"}
