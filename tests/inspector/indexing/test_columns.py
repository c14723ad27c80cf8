from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cassettes.model import HOWS
from inspector.indexing.columns import SharedValues, Table
from inspector.indexing.exchange_facts import Facts
from inspector.indexing.string_column import StringColumn

COUNTS = st.integers(0, 2**32 - 1)
TIMES = st.integers(0, 2**63 - 1)
FACTS = st.builds(
    Facts,
    method=st.text(max_size=5),
    target=st.text(max_size=20),
    began=TIMES,
    duration=TIMES,
    status=st.none() | st.integers(100, 999),
    media_type=st.sampled_from(["", "text/event-stream", "application/json"]),
    events=COUNTS,
    heartbeats=COUNTS,
    errors=COUNTS,
    chunks=COUNTS,
    bytes=TIMES,
    first_event=st.none() | TIMES,
    how=st.sampled_from(["", *HOWS]),
    lossy=st.booleans(),
    host=st.text(max_size=5),
    types=st.lists(st.text(max_size=3), max_size=3).map(tuple),
)


@given(st.lists(FACTS, min_size=1, max_size=8), FACTS)
def test_what_is_kept_comes_back_and_can_change(rows: list[Facts], newer: Facts):
    table = Table()
    for number, facts in enumerate(rows):
        table.put(number, facts)
    table.put(0, newer)
    assert [table.facts(number) for number in range(len(table))] == [newer, *rows[1:]]


def test_a_row_takes_few_bytes():
    table = Table()
    for number in range(1000):
        table.put(
            number, Facts("POST", "/api/v1/stream", number, 7, 200, "text/event-stream", how="complete")
        )
    assert table.size < 100 * len(table)


def test_texts_that_repeat_are_kept_once():
    texts = StringColumn()
    assert [texts.keep(text) for text in ("a", "b", "a", "", "b")] == [0, 1, 0, 2, 1]
    assert [texts[number] for number in range(len(texts))] == ["a", "b", ""]


def test_many_texts_stay_right():
    texts = StringColumn(recent=3)
    wanted = [f"/jobs/{number}" for number in range(11)]
    numbers = [texts.keep(text) for text in wanted]
    assert [texts[number] for number in numbers] == wanted


def test_more_values_than_numbers_count_as_the_first():
    kinds = SharedValues("")
    numbers = [kinds.keep(str(number)) for number in range(70_000)]
    assert numbers[:2] == [1, 2]
    assert max(numbers) == 2**16 - 1
    assert numbers[-1] == 0
