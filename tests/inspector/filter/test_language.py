"""The filter's language: a table of words, and a property for what anybody may type."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.errors import UsageError
from inspector.filter.criteria import CRITERIA, matches_pattern
from inspector.filter.language import parse, prepared
from inspector.filter.word_list import WORDS
from inspector.indexing.columns import Table
from inspector.indexing.exchange_facts import Facts
from inspector.indexing.found_text import FoundText
from inspector.indexing.text_search import TextTerm

SSE = "text/event-stream"
DOCUMENT = (Path(__file__).parents[3] / "docs" / "inspector.md").read_text(encoding="utf-8")

ROWS = [
    Facts("POST", "/api/v1/stream", 0, 7_500_000, 200, SSE, events=9, heartbeats=7, chunks=9, bytes=1400,
          first_event=8000, how="complete", types=("progress", "heartbeat", "result"), host="chat.example.org:5000"),
    Facts("POST", "/api/v1/stream/error?a=b c", 5, 500_000, 200, SSE, events=2, errors=1, chunks=2, bytes=170,
          first_event=3000, how="reset", types=("progress", "error")),
    Facts("GET", "/jobs/job_1?full=1", 9, 2000, 404, "application/json", chunks=1, bytes=30, how="complete"),
    Facts("DELETE", "/jobs/Job_1/delete", 9, 0),
]  # fmt: skip


TEXTS: list[dict[str, str]] = [
    {"anywhere": "content-type: text/html", "header": "content-type: text/html"},
    {"anywhere": "a question", "body": "a question"},
    {"anywhere": "an answer", "body": "", "answer": "an answer"},
    {},
]
"""What the texts of the rows hold besides what the table shows."""


class Rows:
    """A file with these rows: the third one is a job's."""

    number = 3

    def __init__(self) -> None:
        self.table = Table()
        for number, facts in enumerate(ROWS):
            self.table.put(number, facts)

    def session(self, number: int) -> int | None:
        return [0, 0, 1, None][number]

    def job(self, number: int) -> int | None:
        return 2 if number == 2 else None

    def kind(self, number: int) -> str:
        return ["stream", "stream", "job", "plain"][number]

    def text(self, term: TextTerm) -> FoundText:
        found = FoundText()
        found.add([number for number, place in enumerate(TEXTS) if term.text in place.get(term.place, "")], 4)
        return found


def matching(text: str) -> list[int]:
    passing = prepared(parse(text), Rows())
    return [number for number in range(len(ROWS)) if all(test(number) for test in passing)]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("", [0, 1, 2, 3]),
        ("  ", [0, 1, 2, 3]),
        ("stream", [0, 1]),
        ("STREAM", [0, 1]),
        ("-stream", [2, 3]),
        ("post error", [1]),
        ("404", [2]),
        ("40", [2]),
        ("job", [2, 3]),
        ('"b c"', [1]),
        ('-"b c" api', [0]),
        ("status:200", [0, 1]),
        ("status:4xx", [2]),
        ("status:4XX", [2]),
        ("status:none", [3]),
        ("-status:2xx", [2, 3]),
        ("kind:stream", [0, 1]),
        ("kind:job", [2]),
        ("kind:Plain", [3]),
        ("method:get", [2]),
        ("METHOD:GET", [2]),
        ("method:GE", []),
        ("host:chat.example.org", [0]),
        ("host:Chat.Example.org:5000", [0]),
        ("host:*.example.org", [0]),
        ("host:*:5000", [0]),
        ("host:example.org", []),
        ("example.org", [0]),
        ("file:3", [0, 1, 2, 3]),
        ("file:0", []),
        ("path:/jobs/*", [2, 3]),
        ("path:/jobs/job_1", [2]),
        ("path:*", [0, 1, 2, 3]),
        ("path:*/error", [1]),
        ("path:/*/v1/*", [0, 1]),
        ("path:/jobs", []),
        ('path:"/api/v1/stream"', [0]),
        ("question", [1]),
        ("AN", [2]),
        ("-question", [0, 2, 3]),
        ('header:"Content-Type: text/HTML"', [0]),
        ("header:html", [0]),
        ("body:html", []),
        ("body:Question", [1]),
        ("answer:answer", [2]),
        ("-answer:answer stream", [0, 1]),
        ("event:error", [1]),
        ("event:err", []),
        ("-event:progress", [2, 3]),
        ("how:reset", [1]),
        ("how:unfinished", [3]),
        ("session:3.0", [0, 1]),
        ("session:2.0", []),
        ("job:3.2", [2]),
        ("duration:>2s", [0]),
        ("duration:<=2ms", [2, 3]),
        ("duration:500ms", [1]),
        ("duration:=0", [3]),
        ("first:<5ms", [1]),
        ("first:>=0", [0, 1]),
        ("events:>2", [0]),
        ("heartbeats:7", [0]),
        ("errors:>0", [1]),
        ("chunks:<2", [2, 3]),
        ("bytes:>1kB", [0]),
        ("kind:stream duration:>1s -event:error", [0]),
    ],
)
def test_words_find_what_they_say(text: str, numbers: list[int]):
    assert matching(text) == numbers


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("nope:1", "there is no nope: to filter by; write status:, kind:"),
        ("status:", "status: needs a value"),
        ("status:20", "write status:404, status:4xx or status:none"),
        ("status:٢٠٠", "write status:404"),
        ("kind:sse", "write kind:stream, job, plain"),
        ("how:well", "write how:complete, client-closed"),
        ("session:1", "write its id, for example session:0.3"),
        ("file:some.jsonl", "write the number of a file, for example file:0"),
        ("job:x", "write its id, for example job:0.3"),
        ("duration:>soon", "'soon' is no duration"),
        ("events:>", "write a number"),
        ("events:>-1", "write a number"),
        ("bytes:>1qB", "is no size"),
        ('"open', "a quote begins or ends inside a word"),
        ('a"b', "a quote begins or ends inside a word"),
        (" ".join(["a"] * 21), "20 words at most"),
    ],
)
def test_what_cannot_be_is_shown(text: str, error: str):
    with pytest.raises(UsageError) as found:
        parse(text)
    assert error in str(found.value)


def test_every_word_is_explained_by_an_example():
    assert {one.word.partition(":")[0] for one in WORDS if ":" in one.word} == set(CRITERIA)
    for one in WORDS:
        assert matching(one.word) is not None
        assert f"| `{one.word}` | {one.finds} |" in DOCUMENT


@given(
    st.lists(
        st.one_of(
            st.text(max_size=20),
            st.builds("{}:{}".format, st.sampled_from(sorted(CRITERIA)), st.text(max_size=8)),
            st.sampled_from(["-", '"', ":", "*", ">", " "]),
        ),
        max_size=6,
    ).map("".join)
)
def test_anything_can_be_typed(text: str):
    with contextlib.suppress(UsageError):
        found = matching(text)
        assert found == sorted(set(found))


@given(st.sampled_from(["stream", "kind:job", "status:4xx", "events:>1", "path:/jobs/*", "event:error"]))
def test_minus_finds_the_others(word: str):
    assert sorted(matching(word) + matching(f"-{word}")) == [0, 1, 2, 3]


@given(st.text("ab", max_size=12), st.lists(st.text("ab", max_size=3), min_size=1, max_size=5))
def test_a_path_is_like_what_the_stars_say(text: str, parts: list[str]):
    def slowly(rest: str, wanted: list[str]) -> bool:
        if not rest.startswith(wanted[0]):
            return False
        if len(wanted) == 1:
            return rest == wanted[0]
        behind = rest[len(wanted[0]) :]
        return any(slowly(behind[cut:], wanted[1:]) for cut in range(len(behind) + 1))

    assert matches_pattern(text, parts) == slowly(text, parts)
