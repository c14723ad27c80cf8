"""Learns noise: what varies by nature between recordings of the same conversation.

The recordings are compared with each other, strictly, and what differs becomes noise as far as noise can express it.
Then they are compared again under that noise, because a difference can hide others, until a round finds nothing new:

    recording 1  {"load": 3, "hints": ["a"]}      round 1  /load values changed      "value" varies in /load
    recording 2  {"load": 5, "hints": "none"}              /hints structure retyped  "any" varies in /hints
                                                  round 2  nothing new: learned

Of a list, the pointer's index becomes "*": what varies in /files/0/size varies in /files/*/size. Texts that were alike
by 0.90 need less from now on, 0.87: what they lacked (0.10) may be a quarter (MARGIN) more. Another status, or an
event that only one recording has, is no noise; it is reported as unexplained. Neither is an answer: its text may be
worded otherwise, as far as it was, but another number, name or negation in it, another tool call, or why it ended
never become noise.
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
"""Comparisons of all recordings, after which what was learned until then is taken."""

MOST_RECORDINGS = 6
"""Recordings that are all compared with each other; of more, each with the first one and the one before it."""

MARGIN = 0.25
"""The part by which texts may differ more, and times be further apart, than in the recordings."""

INDEX = re.compile(r"/\d+(?=/|$)")

VARIES: Mapping[tuple[str, str], Varies] = {
    ("values", "changed"): "value",
    ("texts", "changed"): "text",
    ("answer", "changed"): "text",
    ("answer", "added"): "sentences",
    ("answer", "removed"): "sentences",
    ("usage", "changed"): "value",
    ("structure", "retyped"): "any",
    ("structure", "added"): "presence",
    ("structure", "removed"): "presence",
    ("structure", "moved"): "presence",
    ("structure", "duplicated"): "presence",
}
"""How a field varies in which there is a difference of this aspect and change."""


class Learned(msgspec.Struct, frozen=True, kw_only=True):
    """The noise that was learned; `notes` have, for a field, two of its values, as a comment for people.

    `unexplained` are the differences between the recordings that noise cannot express, such as another status;
    `uncompared` what had no counterpart in another recording.
    """

    noise: Noise
    notes: Mapping[Field, str]
    unexplained: tuple[Difference, ...] = ()
    uncompared: tuple[Uncompared, ...] = ()


def learn(recordings: Sequence[RecordedSessions], rules: ComparisonRules = STRICT) -> Learned:
    """Returns what varies between two or more recordings of the same conversation; raises UsageError for fewer.

    `rules` say what is ignored; the noise that they have is kept.
    """
    if len(recordings) < 2:
        raise UsageError("--learn needs two recordings of the same conversation, or more")
    noise, notes = rules.noise, dict[Field, str]()
    for _ in range(MOST_ROUNDS):
        found, uncompared = compare_all(recordings, strictest(rules, noise))
        extended = extend(noise, found, notes)
        if extended == noise:
            break
        noise = extended
    return Learned(
        noise=noise,
        notes={field: notes[field] for field in noise.fields if field in notes},
        unexplained=tuple(one for one in found if one.aspect != "timing"),
        uncompared=tuple(uncompared),
    )


def strictest(rules: ComparisonRules, noise: Noise) -> ComparisonRules:
    """Returns the rules with this noise under which every other difference in every aspect counts."""
    tolerance = Tolerance(text=1.0, usage=0.0, timing=1.0, floor=rules.tolerance.floor)
    return msgspec.structs.replace(
        rules, aspects=frozenset(ASPECTS) - {"deltas"}, tolerance=tolerance, noise=noise
    )


def compare_all(
    recordings: Sequence[RecordedSessions], rules: ComparisonRules
) -> tuple[list[Difference], list[Uncompared]]:
    """Returns the differences between the recordings, and what could not be compared."""
    differences: list[Difference] = []
    uncompared: list[Uncompared] = []
    for first, second in pairs_to_compare(len(recordings)):
        for session in compare_sessions(recordings[first], recordings[second], rules):
            differences += session.differences
            uncompared += session.uncompared
    return differences, uncompared


def pairs_to_compare(count: int) -> Iterable[tuple[int, int]]:
    """Returns the places of the recordings that are compared with each other."""
    if count <= MOST_RECORDINGS:
        return combinations(range(count), 2)
    return sorted({(earlier, later) for later in range(1, count) for earlier in (0, later - 1)})


def extend(noise: Noise, found: Sequence[Difference], notes: dict[Field, str]) -> Noise:
    """Returns the noise with all that these differences show to vary; adds the values of new fields to `notes`."""
    fields = {key(field): field for field in noise.fields}
    for one in found:
        field = varying_field(one)
        if field is not None:
            known = fields.get(key(field))
            if known is None or needs_less(field, known):
                fields[key(field)] = field
                notes.setdefault(field, f"{one.recorded} | {one.live}")
    return Noise(
        fields=tuple(fields.values()),
        timing=allowed_ratio(noise.timing, time_ratios(found)),
        heartbeats=noise.heartbeats or any(map(is_heartbeat_count, found)),
        states=noise.states or any(map(is_state, found)),
    )


def key(field: Field) -> tuple[str, str, str, Varies]:
    """Returns what two fields have in common that differ at most in the similarity of their texts."""
    return field.pointer, field.request, field.event, field.varies


def needs_less(field: Field, known: Field) -> bool:
    """Tells whether the texts of a field need less similarity than was known until now."""
    return (
        field.similarity is not None and known.similarity is not None and field.similarity < known.similarity
    )


def varying_field(one: Difference) -> Field | None:
    """Returns the field that varies by a difference; None when the difference is not in a field.

    In an answer only the wording of a text varies, which is a difference with a similarity.
    """
    varies = VARIES.get((one.aspect, one.change))
    if varies is None or not one.request:
        return None
    if one.in_answer and (varies not in {"text", "sentences"} or one.measure is None):
        return None
    return Field(
        pointer=INDEX.sub("/*", one.pointer),
        request=one.request,
        event=one.event,
        varies=varies,
        similarity=None if varies != "text" or one.measure is None else needed_similarity(one.measure),
    )


def needed_similarity(similarity: float) -> float:
    """Returns the similarity that texts need from now on, MARGIN below the one that was seen, in hundredths."""
    return max(0.0, math.floor(100 * (similarity - MARGIN * (1 - similarity))) / 100)


def time_ratios(found: Iterable[Difference]) -> Iterator[float]:
    """Yields how many times as long things took in one recording as in another."""
    return (one.measure for one in found if one.aspect == "timing" and one.measure is not None)


def allowed_ratio(known: float | None, ratios: Iterable[float]) -> float | None:
    """Returns how many times as long things may take, MARGIN above the greatest ratio that was seen, in tenths."""
    most = max(ratios, default=None)
    return known if most is None else max(known or 1.0, math.ceil(10 * most * (1 + MARGIN)) / 10)


def is_heartbeat_count(one: Difference) -> bool:
    """Tells whether a difference is one of the number of heartbeats."""
    return one.aspect == "heartbeats"


def is_state(one: Difference) -> bool:
    """Tells whether polls saw other states of a job: an event difference without the type of an event."""
    return one.aspect == "events" and not one.event and one.change in {"added", "removed", "moved"}
