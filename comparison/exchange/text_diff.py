"""Compares the texts of two answers: as a whole by similarity, and sentence by sentence by what they state.

each sentence with another number, negation, name or direction    is a difference, whatever was learned
each sentence that was added or lost                              is one, unless learned that sentences vary
the wording of the whole                                          is one below the similarity that is needed
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from comparison.result import Change
from comparison.values.statements import aligned_sentences, contradictions
from comparison.values.text_similarity import excerpts, similarity


class TextDifference(NamedTuple):
    """A difference between two texts: what both sides have, "" for nothing, and where that begins in them.

    `measure` is the similarity of the whole texts, for a difference in wording only.
    """

    change: Change
    recorded: str
    live: str
    why: str
    recorded_at: int = 0
    live_at: int = 0
    measure: float | None = None


def text_differences(
    recorded: str, live: str, needed: float, *, sentences_vary: bool
) -> Iterator[TextDifference]:
    """Yields the differences of two texts, which need this similarity (0 to 1), and all sentences unless these vary."""
    alike = similarity(recorded, live)
    if alike == 1:
        return
    if not recorded or not live:
        change: Change = "added" if live else "removed"
        yield TextDifference(change, recorded, live, "only one side says anything")
        return
    found = list(contradictions(recorded, live))
    for one in found:
        places = max(0, recorded.find(one.recorded[:40])), max(0, live.find(one.live[:40]))
        yield TextDifference("changed", one.recorded, one.live, one.why, *places)
    if found:
        return
    if not sentences_vary:
        lost_or_new = list(unpaired_sentences(recorded, live, alike))
        yield from lost_or_new
        if lost_or_new:
            return
    if alike < needed:
        why = f"the texts are alike by {alike:.0%}, {needed:.0%} is needed"
        yield TextDifference("changed", *excerpts(recorded, live), why, measure=alike)


def unpaired_sentences(recorded: str, live: str, alike: float) -> Iterator[TextDifference]:
    """Yields the sentences that only one of two texts has."""
    for left, right in aligned_sentences(recorded, live):
        if not left:
            at = max(0, live.find(right))
            yield TextDifference("added", "", right, "a sentence that was not recorded", 0, at, alike)
        elif not right:
            at = max(0, recorded.find(left))
            yield TextDifference("removed", left, "", "a recorded sentence is missing", at, 0, alike)
