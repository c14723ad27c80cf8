from __future__ import annotations

import pytest

from replayer.journal import Journal, JournalEntry, Neighbour
from replayer.matching.differences import RequestDifference


def add(journal, target="/s", why="match", **more):
    journal.add(JournalEntry(number=journal.next, at=0, method="GET", target=target, why=why, **more))


def numbers(journal):
    return [entry.number for entry in journal]


def test_counts_go_on_where_entries_were_dropped():
    journal = Journal(most_entries=3)
    for why in ("match", "miss", "match", "after-last", "miss"):
        add(journal, why=why)
    assert numbers(journal) == [2, 3, 4]
    assert (journal.served, journal.misses, journal.counts["match"]) == (5, 2, 2)


MEGABYTE = "x" * (1 << 20)
LONG = [
    {"target": MEGABYTE},
    {"nearest": [Neighbour("a.jsonl", 0, [RequestDifference("body", MEGABYTE, "")])]},
    {"nearest": [Neighbour("a.jsonl", 0, [RequestDifference("body", "", MEGABYTE)])]},
    {"nearest": [Neighbour("a.jsonl", 0, [RequestDifference(MEGABYTE, "", "")])]},
]


@pytest.mark.parametrize("long", LONG, ids=["target", "expected", "found", "what"])
def test_long_texts_do_not_add_up_without_bound(long):
    journal = Journal()
    for _ in range(20):
        add(journal, **long)
    assert numbers(journal) == list(range(5, 20))
    add(journal)
    assert numbers(journal) == list(range(5, 21))


def test_numbers_go_on_when_all_is_forgotten():
    journal = Journal()
    add(journal, target=MEGABYTE)
    journal.plays[7] += 1
    journal.clear()
    assert (numbers(journal), journal.served, journal.misses, journal.plays[7]) == ([], 0, 0, 0)
    for _ in range(16):
        add(journal, target=MEGABYTE)
    assert numbers(journal)[-1] == 16
    assert len(numbers(journal)) == 15
