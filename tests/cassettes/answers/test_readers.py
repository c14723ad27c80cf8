from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cassettes.answers.answer import Citation, ToolCall
from cassettes.answers.answer_reading import answer_of, body_items, items_of
from cassettes.answers.builder import AnswerBuilder, StreamItem
from cassettes.answers.reader_registry import FALLBACK, READERS
from cassettes.model import Chunk, End, Exchange, Request, Response
from cassettes.views.timeline import events
from tests.cassettes.answers.conversations_of_protocols import (
    ARGUMENTS,
    PROTOCOLS,
    TEXT,
    THOUGHT,
    TOOL,
    data,
    line,
    written,
)

BY_NAME = pytest.mark.parametrize("name", PROTOCOLS)


def exchange(chunks, media="application/json", method="POST", status=200):
    return Exchange(
        number=0,
        request=Request(exchange=0, at=0, method=method, url="http://h/x", http="1.1", headers=()),
        response=Response(exchange=0, at=1, status=status, reason="", headers=(("Content-Type", media),)),
        chunks=tuple(Chunk(exchange=0, at=10 * (place + 1), data=one) for place, one in enumerate(chunks)),
        end=End(exchange=0, at=99_999, how="complete"),
    )


def streamed(name, seed=0, **changes):
    """An exchange with an answer of this protocol."""
    protocol = PROTOCOLS[name]
    return exchange(written(name, seed, **changes), protocol.media)


def body_answer(value, **more):
    return answer_of(exchange([json.dumps(value).encode()], **more))


@BY_NAME
def test_an_answer_is_read_whole(name):
    protocol, answer = PROTOCOLS[name], answer_of(streamed(name))
    assert (answer.protocol, answer.text, answer.error) == (name, TEXT, "")
    assert answer.reasoning == (THOUGHT if "thought" in protocol.has else "")
    calls = [(call.name, call.arguments) for call in answer.tool_calls]
    assert calls == ([(TOOL, ARGUMENTS)] if "tool" in protocol.has else [])
    assert (answer.finish_reason, answer.model) == (protocol.finish, protocol.model)
    wanted = {"usage": [("input_tokens", 11), ("output_tokens", 22)], "output": [("output_tokens", 22)]}
    for one, counts in wanted.items():
        assert [pair for pair in counts if one in protocol.has] == [
            pair for pair in answer.usage.items() if one in protocol.has and pair in counts
        ]
    assert answer.ended == (name != "unknown")


@BY_NAME
@settings(max_examples=20)
@given(seed=st.integers(0, 10**6), cuts=st.sets(st.integers(1, 4000), max_size=40))
def test_where_tokens_and_chunks_are_cut_changes_nothing(name, seed, cuts):
    whole = b"".join(written(name, seed))
    ends = sorted({0, *(cut for cut in cuts if cut < len(whole)), len(whole)})
    answer = answer_of(exchange([whole[begin:end] for begin, end in pairwise(ends)], PROTOCOLS[name].media))
    assert (answer.protocol, answer.text) == (name, TEXT)


@BY_NAME
def test_pieces_lead_to_the_events_that_add_them(name):
    stream = streamed(name)
    answer, found = answer_of(stream), list(events(stream))
    assert "".join(piece.text for piece in answer.pieces if piece.kind == "text") == answer.text
    for piece in answer.pieces:
        assert piece.at == found[piece.event].at
    assert [piece.event for piece in answer.pieces] == sorted(piece.event for piece in answer.pieces)


@BY_NAME
def test_no_other_reader_recognises_its_events(name):
    others = [reader for reader in READERS if reader.protocol != name]
    if name in {
        "mistral",
        "ai-sdk-ui-messages",
    }:  # Mistral's chunks are OpenAI's, and its reader is asked first
        others = [reader for reader in others if reader.protocol != "openai-chat"]
    for item in items_of(events(streamed(name))):
        assert [reader.protocol for reader in others if reader().recognises(item)] == []


@BY_NAME
def test_a_stream_that_breaks_off_has_what_came(name):
    stream = streamed(name)
    half = exchange([chunk.data for chunk in stream.chunks[: len(stream.chunks) // 2]], PROTOCOLS[name].media)
    answer = answer_of(half)
    assert answer is None or (not answer.ended and TEXT.startswith(answer.text))


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from([
        "type", "choices", "delta", "message", "content", "text", "output", "result", "parts", "candidates", "event",
        "tool_calls", "function", "usage", "kind", "artifact", "status", "response", "item", "index", "jsonrpc", "data",
    ]), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(kind=st.sampled_from(["message", "messages", "data", "0", "9", "contentBlockDelta", "result", "body"]),
       values=st.lists(VALUES, min_size=1, max_size=4))  # fmt: skip
def test_no_reader_stumbles_over_any_shape(kind, values):
    for reader in (*READERS, FALLBACK):
        one, builder = reader(), AnswerBuilder()
        for place, value in enumerate(values):
            item = StreamItem(None if kind == "body" else place, 0, kind, json.dumps(value), value)
            one.recognises(item)
            one.read(item, builder)
        one.close(builder)
        builder.answer(reader.protocol)


BODIES = {
    "openai-chat": {"object": "chat.completion", "model": "gpt-4o", "choices": [{"index": 0, "message": {
        "role": "assistant", "content": TEXT, "tool_calls": [
            {"id": "call_1", "type": "function", "function": {"name": TOOL, "arguments": json.dumps(ARGUMENTS)}}]},
        "finish_reason": "stop"}], "usage": {"prompt_tokens": 1, "completion_tokens": 2}},
    "mistral": {"object": "chat.completion", "model": "mistral-small-latest",
                "choices": [{"index": 0, "message": {"content": TEXT}, "finish_reason": "stop"}]},
    "openai-responses": {"object": "response", "status": "completed", "model": "gpt-5", "output": [
        {"type": "reasoning", "summary": [{"type": "summary_text", "text": THOUGHT}]},
        {"type": "message", "content": [{"type": "output_text", "text": TEXT, "annotations": [
            {"type": "url_citation", "title": "T", "url": "https://t"}]}]}]},
    "anthropic": {"type": "message", "role": "assistant", "stop_reason": "end_turn", "model": "claude",
                  "content": [{"type": "thinking", "thinking": THOUGHT}, {"type": "text", "text": TEXT}]},
    "bedrock-converse": {"output": {"message": {"content": [{"text": TEXT}]}}, "stopReason": "end_turn"},
    "gemini": [{"candidates": [{"content": {"parts": [{"text": TEXT[:40]}]}}]},
               {"candidates": [{"content": {"parts": [{"text": TEXT[40:]}]}, "finishReason": "STOP"}]}],
    "ollama": {"model": "llama3.2", "response": TEXT, "done": True, "done_reason": "stop"},
    "cohere": {"id": "x", "finish_reason": "COMPLETE",
               "message": {"role": "assistant", "content": [{"type": "text", "text": TEXT}]}},
    "cohere-v1": {"text": TEXT, "generation_id": "x", "finish_reason": "COMPLETE"},
    "tgi": {"generated_text": TEXT},
    "dify": {"event": "message", "message_id": "x", "answer": TEXT},
    "a2a": {"jsonrpc": "2.0", "id": 1, "result": {"kind": "task", "id": "t", "status": {"state": "completed"},
            "artifacts": [{"artifactId": "a", "parts": [{"kind": "text", "text": TEXT}]}]}},
    "mcp": {"jsonrpc": "2.0", "id": 1, "result": {"content": [{"type": "text", "text": TEXT}]}},
    "deep-research": {"job_id": "j", "status": "succeeded", "result": {"response": TEXT}},
    "unknown": {"session": "x", "answer": TEXT, "took": 3},
}  # fmt: skip


@pytest.mark.parametrize("name", BODIES)
def test_a_body_that_is_no_stream_has_its_answer(name):
    answer = body_answer(BODIES[name])
    assert (answer.protocol, answer.text) == (name, TEXT)
    assert answer.ended == (name != "unknown")


@pytest.mark.parametrize("name", BODIES)
def test_no_other_reader_recognises_its_body(name):
    (item, *_) = body_items(exchange([json.dumps(BODIES[name]).encode()]))
    known = {reader.protocol for reader in READERS if reader().recognises(item)}
    assert known == {"mistral": {"mistral", "openai-chat"}, "unknown": set()}.get(name, {name})


@pytest.mark.parametrize(
    "value",
    [
        {"status": "ok", "message": "All systems are working as they should today."},
        {"error": {"message": "The model is overloaded"}},
        {"jsonrpc": "2.0", "id": 1, "result": {"name": "x"}},
        {"job_id": "j", "status": "running"},
        {"data": [{"content": "a"}], "object": "list"},
        {"type": "message", "content": "hi"},
        {"choices": ["red", "green"]},
        ["a", "b"],
        7,
    ],
)
def test_what_only_looks_like_an_answer_is_none(value):
    assert body_answer(value, method="GET") is None


def test_a_failed_request_has_no_answer():
    assert body_answer(BODIES["openai-chat"], status=500) is None


@pytest.mark.parametrize(
    ("values", "text"),
    [
        (["Hel", "lo ", "world"], "Hello world"),
        ([{"t": "Hel"}, {"t": "lo wor"}, {"t": "ld"}], "Hello world"),
        ([{"a": {"text": "Hello"}}, {"a": {"text": "Hello wor"}}, {"a": {"text": "Hello world"}}], "Hello world"),
        ([{"id": "x1", "d": {"v": "Hello "}}, {"id": "x1", "d": {"v": "big "}}, {"id": "x1", "d": {"v": "world"}}],
         "Hello big world"),
        ([{"message": "Loading the documents."}, {"message": "Reading all of them."}, {"message": "Done."}], None),
        ([{"id": "a1b2"}, {"id": "c3d4"}, {"id": "e5f6"}], None),
        ([{"progress": 1}, {"progress": 2}, {"progress": 3}], None),
        ([{"t": "Hello there"}], None),
        (["<p>", "x", "</p>"], None),
        ([{"n": "event 0"}, {"n": "event 1"}, {"n": "event 2"}], None),
        ([{"step": "reading"}, {"step": "loading"}, {"step": "writing"}], None),
        ([{"w": "收入增"}, {"w": "长了百分"}, {"w": "之十二"}], "收入增长了百分之十二"),
    ],
)  # fmt: skip
def test_the_text_of_an_unknown_chatbot(values, text):
    answer = answer_of(exchange([b"".join(map(data, values))], "text/event-stream"))
    assert (answer and answer.text) == text


def test_errors_in_a_stream():
    failing = {
        "openai-chat": [
            data({"choices": [{"delta": {"content": "a"}}]}),
            data({"error": {"message": "overloaded"}}),
        ],
        "anthropic": [
            data({"type": "message_start", "message": {"id": "m"}}, "message_start"),
            data({"type": "error", "error": {"type": "overloaded_error", "message": "overloaded"}}, "error"),
        ],
        "ollama": [line({"model": "m", "done": False, "response": "a"}), line({"error": "overloaded"})],
        "deep-research": [
            data({"step": "s", "message": "m", "progress": 1}, "progress"),
            data({"error": "overloaded"}, "error"),
        ],
    }
    for name, chunks in failing.items():
        answer = answer_of(exchange(chunks, PROTOCOLS[name].media))
        assert (answer.protocol, answer.error) == (name, "overloaded")


def test_several_answers_to_one_request_are_apart():
    deltas = [(0, "one "), (1, "uno "), (0, "two"), (1, "due")]
    chunks = [data({"choices": [{"index": place, "delta": {"content": text}}]}) for place, text in deltas]
    assert answer_of(exchange(chunks, "text/event-stream")).text == "one two\n\nuno due"


def test_sources_are_told_once():
    citation = {"type": "citations_delta", "citation": {"title": "T", "url": "https://t", "cited_text": "c"}}
    delta = data({"type": "content_block_delta", "index": 0, "delta": citation}, "content_block_delta")
    answer = answer_of(exchange([delta, delta], "text/event-stream"))
    assert answer.citations == (Citation(title="T", url="https://t", text="c"),)


def test_arguments_that_are_no_json_stay_a_text():
    call = {"index": 0, "function": {"name": "f", "arguments": '{"a": '}}
    chunk = data({"choices": [{"index": 0, "delta": {"tool_calls": [call]}}]})
    assert answer_of(exchange([chunk], "text/event-stream")).tool_calls == (
        ToolCall(name="f", arguments='{"a": '),
    )
