"""Each protocol: quiet on unchanged answers in other deltas, with other ids and times; different on seeded changes."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from cassettes.model import Chunk, End, Exchange, Request, Response
from comparison.rules.comparison_rules import STRICT, parse_rules
from tests.cassettes.answers.conversations_of_protocols import ARGUMENTS, PROTOCOLS, TEXT, written
from tests.cassettes.talk import Talk
from tests.comparison.mutants import compared

IN_PIECES = [name for name in PROTOCOLS if name not in {"mcp", "deep-research"}]
BY_NAME = pytest.mark.parametrize("name", IN_PIECES)

CHANGES = {
    "a number": {"text": TEXT.replace("12 %", "21 %")},
    "a unit": {"text": TEXT.replace("9.9 million", "9.9 billion")},
    "the opposite": {"text": TEXT.replace("grew", "fell")},
    "a negation": {"text": TEXT.replace("did not fall", "did fall")},
    "a name": {"text": TEXT.replace("Acme", "Beta")},
    "a sentence less": {"text": TEXT.replace(" Costs did not fall.", "")},
    "a sentence more": {"text": TEXT + " Nothing else is known."},
    "another answer": {"text": "I am sorry, but I cannot help with that."},
    "no answer": {"text": ""},
    "a tool": {"tool": "delete_all"},
    "an argument": {"arguments": ARGUMENTS | {"year": 2024}},
    "an argument less": {"arguments": {"year": 2025}},
    "why it ended": {"finish": "length"},
    "the model": {"model": "another-1"},
    "the counts": {"output_tokens": 2200},
}  # fmt: skip
ABSENT = {
    "a tool": {"tgi", "a2a", "unknown"},
    "an argument": {"tgi", "a2a", "unknown"},
    "an argument less": {"tgi", "a2a", "unknown"},
    "why it ended": {"dify", "unknown", "openai-responses"},
    "the model": {name for name, protocol in PROTOCOLS.items() if not protocol.model},
    "the counts": {"a2a", "unknown"},
}
"""What some protocols do not say."""


def answered(
    name: str, seed: int = 0, *, gap: int = 1000, how="complete", cut: int | None = None, **changes
) -> Talk:
    """One question with an answer of this protocol, an event in each chunk."""
    protocol = PROTOCOLS[name]
    chunks = written(name, seed, **changes)[:cut]
    body = b'{"query": "How was 2025?"}'
    return Talk([Exchange(
        number=0,
        request=Request(exchange=0, at=0, method="POST", url=f"http://bot{protocol.path}", http="1.1",
                        headers=(("Content-Type", "application/json"),), body=body),
        response=Response(exchange=0, at=10, status=200, reason="OK", headers=(("Content-Type", protocol.media),)),
        chunks=tuple(Chunk(exchange=0, at=100 + place * gap, data=data) for place, data in enumerate(chunks)),
        end=End(exchange=0, at=200 + len(chunks) * gap, how=how),
    )])  # fmt: skip


@BY_NAME
def test_an_unchanged_answer_is_the_same_wherever_its_deltas_fall(name):
    for seed in range(1, 21):
        comparison = compared(answered(name), answered(name, seed))
        assert [(one.aspect, one.pointer, one.why) for one in comparison.differences] == []
        assert comparison.verdict == "same"


@pytest.mark.parametrize(
    ("name", "change"),
    [(name, change) for change in CHANGES for name in IN_PIECES if name not in ABSENT.get(change, ())],
)
def test_a_change_of_the_answer_is_found(name, change):
    found = compared(answered(name), answered(name, 1, **CHANGES[change]))
    assert found.verdict == "different"
    assert {one.aspect for one in found.differences} & {"answer", "usage"}
    assert len(found.differences) <= 4


def only(comparison):
    (found,) = comparison.differences
    assert not comparison.uncompared
    return found


def test_a_text_leads_to_the_events_that_say_it():
    live = answered("openai-chat", 1, text=TEXT.replace("not fall", "fall"))
    found = only(compared(answered("openai-chat"), live))
    assert (found.aspect, found.pointer, found.why) == ("answer", "/answer/text", "a negation is gone")
    assert (found.recorded, found.live) == ("Costs did not fall.", "Costs did fall.")
    assert found.at.event is not None
    assert found.live_at.event is not None


def test_only_a_live_stream_that_broke_is_told():
    live = answered("anthropic", 1, how="reset", cut=20)
    found = only(compared(answered("anthropic"), live))
    assert (found.aspect, found.recorded, found.live) == ("ending", "complete", "reset")
    assert "characters of the answer did not come" in found.why


def test_only_the_error_that_ended_an_answer_is_told():
    talk = answered("openai-chat", 1, cut=12)
    exchange = talk.exchange(0)
    failed = replace(exchange.chunks[-1], data=b'data: {"error": {"message": "overloaded"}}\n\n')
    live = Talk([replace(exchange, chunks=(*exchange.chunks, failed))])
    found = only(compared(answered("openai-chat"), live))
    assert (found.aspect, found.pointer, found.live) == ("answer", "/answer/error", "overloaded")
    first = Talk([replace(exchange, chunks=(failed,))])
    assert only(compared(answered("openai-chat"), first)).pointer == "/answer/error"


def test_a_live_stream_that_was_left_cannot_be_compared():
    comparison = compared(answered("ollama"), answered("ollama", 1, how="client-closed", cut=20))
    assert comparison.verdict == "could-not-compare"
    assert "was left early" in comparison.uncompared[0].why


def test_a_recording_that_was_left_is_compared_as_far_as_it_goes():
    left = answered("ollama", how="client-closed", cut=20)
    assert compared(left, answered("ollama", 1)).verdict == "same"
    assert compared(left, answered("ollama", 1, text=TEXT.replace("12 %", "21 %"))).verdict == "different"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (b'"finish_reason"', b'"finish"', {("structure", "removed", "/choices/*/finish_reason"),
                                           ("structure", "added", "/choices/*/finish")}),
        (b'"system_fingerprint": "fp_44709d6fcb"', b'"system_fingerprint": 7',
         {("structure", "retyped", "/system_fingerprint")}),
        (b'"object": "chat.completion.chunk"', b'"object": "chat.completion.piece"', None),
        (b'"role": "assistant"', b'"role": "tool"', {("values", "changed", "/choices/*/delta/role")}),
        (b"data: [DONE]\n\n", b"", {("events", "removed", "")}),
        (b"data: [DONE]\n\n", b'data: {"object": "log"}\n\ndata: [DONE]\n\n', {("events", "added", "")}),
    ],
)  # fmt: skip
def test_the_shape_of_the_stream_is_compared(old, new, expected):
    exchange = answered("openai-chat", 1).exchange(0)
    chunks = tuple(replace(chunk, data=chunk.data.replace(old, new)) for chunk in exchange.chunks)
    found = compared(
        answered("openai-chat"), Talk([replace(exchange, chunks=chunks)]), parse_rules(["-answer"])
    )
    told = {(one.aspect, one.change, one.pointer) for one in found.differences}
    assert told == expected if expected is not None else told


def test_where_deltas_fall_is_a_difference_when_asked():
    rules = parse_rules(["+deltas"])
    assert compared(answered("openai-chat"), answered("openai-chat", 1), rules).verdict == "different"
    assert compared(answered("openai-chat"), answered("openai-chat"), rules).verdict == "same"


def test_timing_is_that_of_the_tokens():
    rules = parse_rules(["+timing"])
    slow = answered("openai-chat", 1, gap=2_000_000)
    whys = [
        one.why.partition(" is ")[0] for one in compared(answered("openai-chat"), slow, rules).differences
    ]
    assert whys == ["the time to the first token", "the longest gap between tokens"]
    assert compared(answered("openai-chat"), answered("openai-chat", 1, gap=1500), rules).verdict == "same"
    late = answered("openai-chat", 1).exchange(0)
    later = tuple(replace(chunk, at=chunk.at + 3_000_000) for chunk in late.chunks)
    moved = Talk([replace(late, chunks=later, end=replace(late.end, at=late.end.at + 3_000_000))])
    assert "first token" in only(compared(answered("openai-chat"), moved, rules)).why


def test_counts_have_a_tolerance():
    live = answered("openai-chat", 1, output_tokens=23)
    assert compared(answered("openai-chat"), live).verdict == "same"
    strict = compared(answered("openai-chat"), live, parse_rules(tolerances=["usage=1%"]))
    assert [(one.aspect, one.pointer) for one in strict.differences] == [
        ("usage", "/answer/usage/output_tokens"),
        ("usage", "/answer/usage/total_tokens"),
    ]
    assert compared(answered("openai-chat"), live, STRICT).verdict == "same"


def test_what_is_ignored_is_not_compared():
    live = answered("openai-chat", 1, text="Something else altogether.")
    assert compared(answered("openai-chat"), live, parse_rules(ignored=["/answer/text"])).verdict == "same"


@pytest.mark.parametrize("name", ["mcp", "deep-research"])
def test_an_answer_that_one_event_says_is_compared_as_that_event(name):
    for seed in range(1, 21):
        assert compared(answered(name, thought=""), answered(name, seed, thought="")).verdict == "same"
    for change in (
        "a number",
        "a unit",
        "the opposite",
        "a negation",
        "a name",
        "another answer",
        "no answer",
    ):
        found = compared(answered(name, thought=""), answered(name, 1, thought="", **CHANGES[change]))
        assert found.verdict == "different", change
