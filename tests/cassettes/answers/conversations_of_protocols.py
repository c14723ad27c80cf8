"""One streamed answer of each protocol, as its servers write it: cut into words, with fresh ids and times."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import Any, NamedTuple

from cassettes.framings.aws_event_stream import frame, string

TEXT = "Revenue grew by 12 % to 9.9 million in 2025. Costs did not fall. Acme Ltd is the largest client."
THOUGHT = "First I look at the revenue, then at the costs."
TOOL = "look_up"
ARGUMENTS = {"year": 2025, "names": ["Acme Ltd"]}


class Told(NamedTuple):
    """What an answer says, whatever the protocol."""

    text: str = TEXT
    thought: str = THOUGHT
    tool: str = TOOL
    arguments: Any = ARGUMENTS
    finish: str = ""
    input_tokens: int = 11
    output_tokens: int = 22
    model: str = ""


class Protocol(NamedTuple):
    """A protocol: the media type of its streams, and a function that writes an answer as the chunks of one."""

    media: str
    write: Callable[[Told, Random], Iterator[bytes]]
    finish: str = ""
    model: str = ""
    has: frozenset[str] = frozenset({"thought", "tool", "usage"})
    path: str = "/chat"


def pieces(text: str, random: Random) -> Sequence[str]:
    """Return a text in pieces of one to nine characters, as a tokeniser might cut it."""
    found, place = [], 0
    while place < len(text):
        size = random.randint(1, 9)
        found.append(text[place : place + size])
        place += size
    return found


def fresh(prefix: str, random: Random) -> str:
    """Return an id that no other answer has."""
    return prefix + "".join(
        random.choices("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", k=24)
    )


def now(random: Random) -> int:
    """Return a time of today, in seconds."""
    return 1_764_000_000 + random.randint(0, 86_400)


def data(value: Any, kind: str = "") -> bytes:
    """Return a server-sent event."""
    text = value if isinstance(value, str) else json.dumps(value)
    return (f"event: {kind}\n" if kind else "").encode() + f"data: {text}\n\n".encode()


def line(value: Any) -> bytes:
    """Return a JSON line."""
    return json.dumps(value).encode() + b"\n"


def openai_chat(told: Told, random: Random) -> Iterator[bytes]:
    head = {"id": fresh("chatcmpl-", random), "object": "chat.completion.chunk", "created": now(random),
            "model": told.model, "system_fingerprint": "fp_44709d6fcb"}  # fmt: skip

    def choice(delta: Any, finish: str | None = None) -> bytes:
        return data(head | {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})

    yield choice({"role": "assistant", "content": ""})
    for piece in pieces(told.thought, random):
        yield choice({"reasoning_content": piece})
    for piece in pieces(told.text, random):
        yield choice({"content": piece})
    call = {"index": 0, "id": fresh("call_", random), "type": "function"}
    yield choice({"tool_calls": [call | {"function": {"name": told.tool, "arguments": ""}}]})
    for piece in pieces(json.dumps(told.arguments), random):
        yield choice({"tool_calls": [{"index": 0, "function": {"arguments": piece}}]})
    yield choice({}, told.finish)
    usage = {"prompt_tokens": told.input_tokens, "completion_tokens": told.output_tokens,
             "total_tokens": told.input_tokens + told.output_tokens}  # fmt: skip
    yield data(head | {"choices": [], "usage": usage})
    yield data("[DONE]")


def mistral(told: Told, random: Random) -> Iterator[bytes]:
    head = {
        "id": fresh("", random),
        "object": "chat.completion.chunk",
        "created": now(random),
        "model": told.model,
    }

    def choice(delta: Any, finish: str | None = None, **more: Any) -> bytes:
        return data(head | {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]} | more)

    for piece in pieces(told.thought, random):
        yield choice({"content": [{"type": "thinking", "thinking": [{"type": "text", "text": piece}]}]})
    for piece in pieces(told.text, random):
        yield choice({"content": piece})
    call = {
        "id": fresh("", random)[:9],
        "function": {"name": told.tool, "arguments": json.dumps(told.arguments)},
        "index": 0,
    }
    usage = {"prompt_tokens": told.input_tokens, "completion_tokens": told.output_tokens}
    yield choice({"content": "", "tool_calls": [call]}, told.finish, usage=usage)
    yield data("[DONE]")


def openai_responses(told: Told, random: Random) -> Iterator[bytes]:
    response = {
        "id": fresh("resp_", random),
        "object": "response",
        "created_at": now(random),
        "model": told.model,
    }
    number = iter(range(10_000))

    def event(kind: str, **fields: Any) -> bytes:
        return data({"type": kind, "sequence_number": next(number)} | fields, kind)

    yield event("response.created", response=response | {"status": "in_progress", "output": []})
    thought = fresh("rs_", random)
    for piece in pieces(told.thought, random):
        yield event(
            "response.reasoning_summary_text.delta",
            item_id=thought,
            delta=piece,
            output_index=0,
            summary_index=0,
        )
    said = fresh("msg_", random)
    for piece in pieces(told.text, random):
        yield event("response.output_text.delta", item_id=said, delta=piece, output_index=1, content_index=0)
    yield event("response.output_text.done", item_id=said, text=told.text, output_index=1, content_index=0)
    call = {
        "type": "function_call",
        "id": fresh("fc_", random),
        "call_id": fresh("call_", random),
        "name": told.tool,
    }
    yield event("response.output_item.added", item=call | {"arguments": ""}, output_index=2)
    arguments = json.dumps(told.arguments)
    for piece in pieces(arguments, random):
        yield event("response.function_call_arguments.delta", item_id=call["id"], delta=piece, output_index=2)
    yield event("response.output_item.done", item=call | {"arguments": arguments}, output_index=2)
    usage = {"input_tokens": told.input_tokens, "output_tokens": told.output_tokens}
    yield event("response.completed", response=response | {"status": "completed", "usage": usage})


def anthropic_events(told: Told, random: Random) -> Iterator[dict[str, Any]]:
    message = {
        "id": fresh("msg_", random),
        "type": "message",
        "role": "assistant",
        "model": told.model,
        "content": [],
    }
    usage = {"input_tokens": told.input_tokens, "output_tokens": 1}
    yield {"type": "message_start", "message": message | {"stop_reason": None, "usage": usage}}
    call = {"type": "tool_use", "id": fresh("toolu_", random), "name": told.tool, "input": {}}
    blocks = [
        ({"type": "thinking", "thinking": ""}, "thinking_delta", "thinking", told.thought),
        ({"type": "text", "text": ""}, "text_delta", "text", told.text),
        (call, "input_json_delta", "partial_json", json.dumps(told.arguments)),
    ]
    for place, (block, kind, name, text) in enumerate(blocks):
        yield {"type": "content_block_start", "index": place, "content_block": block}
        if place == 0:
            yield {"type": "ping"}
        for piece in pieces(text, random):
            yield {"type": "content_block_delta", "index": place, "delta": {"type": kind, name: piece}}
        yield {"type": "content_block_stop", "index": place}
    stopped = {"stop_reason": told.finish, "stop_sequence": None}
    yield {"type": "message_delta", "delta": stopped, "usage": {"output_tokens": told.output_tokens}}
    yield {"type": "message_stop"}


def anthropic(told: Told, random: Random) -> Iterator[bytes]:
    return (data(event, event["type"]) for event in anthropic_events(told, random))


def bedrock_invoke(told: Told, random: Random) -> Iterator[bytes]:
    for event in anthropic_events(told, random):
        body = {"bytes": base64.b64encode(json.dumps(event).encode()).decode()}
        yield frame(
            [string(":event-type", "chunk"), string(":message-type", "event")], json.dumps(body).encode()
        )


def bedrock_converse(told: Told, random: Random) -> Iterator[bytes]:
    def event(kind: str, **fields: Any) -> bytes:
        headers = [
            string(":event-type", kind),
            string(":content-type", "application/json"),
            string(":message-type", "event"),
        ]
        return frame(headers, json.dumps(fields | {"p": "abcdefghij"[: random.randint(1, 10)]}).encode())

    yield event("messageStart", role="assistant")
    for piece in pieces(told.thought, random):
        yield event("contentBlockDelta", contentBlockIndex=0, delta={"reasoningContent": {"text": piece}})
    yield event("contentBlockStop", contentBlockIndex=0)
    for piece in pieces(told.text, random):
        yield event("contentBlockDelta", contentBlockIndex=1, delta={"text": piece})
    yield event("contentBlockStop", contentBlockIndex=1)
    tool = {"toolUseId": fresh("tooluse_", random), "name": told.tool}
    yield event("contentBlockStart", contentBlockIndex=2, start={"toolUse": tool})
    for piece in pieces(json.dumps(told.arguments), random):
        yield event("contentBlockDelta", contentBlockIndex=2, delta={"toolUse": {"input": piece}})
    yield event("contentBlockStop", contentBlockIndex=2)
    yield event("messageStop", stopReason=told.finish)
    usage = {"inputTokens": told.input_tokens, "outputTokens": told.output_tokens, "totalTokens": 33}
    yield event("metadata", usage=usage, metrics={"latencyMs": random.randint(300, 900)})


def gemini(told: Told, random: Random) -> Iterator[bytes]:
    head = {"modelVersion": told.model, "responseId": fresh("", random)}

    def event(part: Any, **more: Any) -> bytes:
        return data(
            {"candidates": [{"content": {"parts": [part], "role": "model"}, "index": 0, **more}], **head}
        )

    for piece in pieces(told.thought, random):
        yield event({"text": piece, "thought": True})
    for piece in pieces(told.text, random):
        yield event({"text": piece})
    call = {"functionCall": {"name": told.tool, "args": told.arguments}}
    usage = {"promptTokenCount": told.input_tokens, "candidatesTokenCount": told.output_tokens}
    last = {"content": {"parts": [call], "role": "model"}, "finishReason": told.finish, "index": 0}
    yield data({"candidates": [last], "usageMetadata": usage, **head})


def ollama(told: Told, random: Random) -> Iterator[bytes]:
    def event(message: Any, **more: Any) -> bytes:
        at = f"2026-11-28T09:{random.randint(10, 59)}:{random.randint(10, 59)}.{random.randint(100000, 999999)}Z"
        said = {"role": "assistant", "content": ""} | message
        return line({"model": told.model, "created_at": at, "message": said, "done": False} | more)

    for piece in pieces(told.thought, random):
        yield event({"thinking": piece})
    for piece in pieces(told.text, random):
        yield event({"content": piece})
    yield event({"tool_calls": [{"function": {"name": told.tool, "arguments": told.arguments}}]})
    yield event({}, done=True, done_reason=told.finish, total_duration=random.randint(10**9, 10**10),
                prompt_eval_count=told.input_tokens, eval_count=told.output_tokens)  # fmt: skip


def cohere(told: Told, random: Random) -> Iterator[bytes]:
    def event(kind: str, message: Any, **more: Any) -> bytes:
        return data({"type": kind, "delta": {"message": message}} | more, kind)

    yield data(
        {"type": "message-start", "id": fresh("", random), "delta": {"message": {"role": "assistant"}}},
        "message-start",
    )
    for piece in pieces(told.thought, random):
        yield event("tool-plan-delta", {"tool_plan": piece})
    call = {
        "id": fresh(f"{told.tool}_", random),
        "type": "function",
        "function": {"name": told.tool, "arguments": ""},
    }
    yield event("tool-call-start", {"tool_calls": call}, index=0)
    for piece in pieces(json.dumps(told.arguments), random):
        yield event("tool-call-delta", {"tool_calls": {"function": {"arguments": piece}}}, index=0)
    yield event("tool-call-end", {}, index=0)
    yield event("content-start", {"content": {"type": "text", "text": ""}}, index=0)
    for piece in pieces(told.text, random):
        yield event("content-delta", {"content": {"text": piece}}, index=0)
    yield event("content-end", {}, index=0)
    usage = {"tokens": {"input_tokens": told.input_tokens, "output_tokens": told.output_tokens}}
    yield data(
        {"type": "message-end", "delta": {"finish_reason": told.finish, "usage": usage}}, "message-end"
    )


def cohere_v1(told: Told, random: Random) -> Iterator[bytes]:
    yield line({"is_finished": False, "event_type": "stream-start", "generation_id": fresh("", random)})
    for piece in pieces(told.text, random):
        yield line({"is_finished": False, "event_type": "text-generation", "text": piece})
    tokens = {"input_tokens": told.input_tokens, "output_tokens": told.output_tokens}
    calls = [{"name": told.tool, "parameters": told.arguments}]
    yield line({"is_finished": False, "event_type": "tool-calls-generation", "tool_calls": calls})
    response = {"text": told.text, "generation_id": fresh("", random), "meta": {"tokens": tokens}}
    yield line(
        {"is_finished": True, "event_type": "stream-end", "finish_reason": told.finish, "response": response}
    )


def tgi(told: Told, random: Random) -> Iterator[bytes]:
    found = pieces(told.text, random)
    for place, piece in enumerate(found, 1):
        token = {
            "id": random.randint(1, 30_000),
            "text": piece,
            "logprob": -random.random(),
            "special": False,
        }
        yield data({"index": place, "token": token, "generated_text": None, "details": None})
    details = {"finish_reason": told.finish, "generated_tokens": told.output_tokens, "seed": None}
    token = {"id": 2, "text": "</s>", "logprob": -random.random(), "special": True}
    yield data({"index": len(found) + 1, "token": token, "generated_text": told.text, "details": details})


def data_stream(told: Told, random: Random) -> Iterator[bytes]:
    def coded(code: str, value: Any) -> bytes:
        return f"{code}:".encode() + line(value)

    yield coded("f", {"messageId": fresh("msg-", random)})
    for piece in pieces(told.thought, random):
        yield coded("g", piece)
    for piece in pieces(told.text, random):
        yield coded("0", piece)
    yield coded("9", {"toolCallId": fresh("call_", random), "toolName": told.tool, "args": told.arguments})
    usage = {"promptTokens": told.input_tokens, "completionTokens": told.output_tokens}
    yield coded("e", {"finishReason": told.finish, "usage": usage, "isContinued": False})
    yield coded("d", {"finishReason": told.finish, "usage": usage})


def ui_messages(told: Told, random: Random) -> Iterator[bytes]:
    yield data({"type": "start", "messageId": fresh("msg-", random)})
    yield data({"type": "start-step"})
    for kind, text in (("reasoning", told.thought), ("text", told.text)):
        part = fresh("", random)
        yield data({"type": f"{kind}-start", "id": part})
        for piece in pieces(text, random):
            yield data({"type": f"{kind}-delta", "id": part, "delta": piece})
        yield data({"type": f"{kind}-end", "id": part})
    call = {"toolCallId": fresh("call_", random)}
    yield data({"type": "tool-input-start", "toolName": told.tool} | call)
    for piece in pieces(json.dumps(told.arguments), random):
        yield data({"type": "tool-input-delta", "inputTextDelta": piece} | call)
    yield data({"type": "tool-input-available", "toolName": told.tool, "input": told.arguments} | call)
    yield data({"type": "finish-step"})
    usage = {"inputTokens": told.input_tokens, "outputTokens": told.output_tokens}
    yield data({"type": "finish", "finishReason": told.finish, "messageMetadata": {"usage": usage}})
    yield data("[DONE]")


def message_chunks(told: Told, random: Random) -> Iterator[dict[str, Any]]:
    key = fresh("run-", random)
    head = {
        "type": "AIMessageChunk",
        "id": key,
        "content": "",
        "additional_kwargs": {},
        "response_metadata": {},
    }
    for piece in pieces(told.text, random):
        yield head | {"content": piece}
    chunk = {"name": told.tool, "args": "", "id": fresh("call_", random), "index": 0}
    yield head | {"tool_call_chunks": [chunk]}
    for piece in pieces(json.dumps(told.arguments), random):
        yield head | {"tool_call_chunks": [{"name": None, "args": piece, "id": None, "index": 0}]}
    usage = {"input_tokens": told.input_tokens, "output_tokens": told.output_tokens}
    last = {"finish_reason": told.finish, "model_name": told.model}
    yield head | {"response_metadata": last, "usage_metadata": usage}


def langgraph(told: Told, random: Random) -> Iterator[bytes]:
    yield data({"run_id": fresh("", random), "attempt": 1}, "metadata")
    for chunk in message_chunks(told, random):
        yield data([chunk, {"langgraph_node": "agent", "langgraph_step": 1}], "messages")
    yield data("null", "end")


def langserve(told: Told, random: Random) -> Iterator[bytes]:
    yield data({"run_id": fresh("", random)}, "metadata")
    for chunk in message_chunks(told, random):
        yield data(chunk, "data")
    yield b"event: end\ndata\n\n"


def dify(told: Told, random: Random) -> Iterator[bytes]:
    head = {"conversation_id": fresh("", random), "message_id": fresh("", random), "created_at": now(random),
            "task_id": fresh("", random)}  # fmt: skip
    thought = {"event": "agent_thought", "id": fresh("", random)} | head
    yield data(thought | {"thought": told.thought, "tool": "", "tool_input": ""})
    yield data(
        thought | {"id": fresh("", random), "thought": "", "tool": told.tool, "tool_input": told.arguments}
    )
    for piece in pieces(told.text, random):
        yield data({"event": "agent_message", "answer": piece} | head)
    usage = {
        "prompt_tokens": told.input_tokens,
        "completion_tokens": told.output_tokens,
        "latency": random.random(),
    }
    yield data({"event": "message_end", "metadata": {"usage": usage, "retriever_resources": []}} | head)


def a2a(told: Told, random: Random) -> Iterator[bytes]:
    ids = {"taskId": fresh("", random), "contextId": fresh("", random)}

    def event(result: Any) -> bytes:
        return data({"jsonrpc": "2.0", "id": 1, "result": result | ids})

    def status(state: str, text: str, *, final: bool) -> bytes:
        message = {"role": "agent", "messageId": fresh("", random), "parts": [{"kind": "text", "text": text}]}
        return event(
            {
                "kind": "status-update",
                "status": {"state": state, "message": message if text else None},
                "final": final,
            }
        )

    yield status("working", told.thought, final=False)
    artifact = fresh("", random)
    for place, piece in enumerate(pieces(told.text, random)):
        parts = [{"kind": "text", "text": piece}]
        yield event(
            {
                "kind": "artifact-update",
                "append": place > 0,
                "artifact": {"artifactId": artifact, "parts": parts},
            }
        )
    yield status(told.finish, "", final=True)


def mcp(told: Told, random: Random) -> Iterator[bytes]:
    for place, word in enumerate(pieces(told.thought, random), 1):
        params = {"progressToken": "p1", "progress": place, "message": word}
        yield data({"jsonrpc": "2.0", "method": "notifications/progress", "params": params}, "message")
    result = {"content": [{"type": "text", "text": told.text}], "isError": False}
    yield data({"jsonrpc": "2.0", "id": 2, "result": result}, "message")


def deep_research(told: Told, random: Random) -> Iterator[bytes]:
    for step, percent in (("planning", 10), ("reading", 50)):
        progress = {"step": step, "message": f"{step} now", "progress": percent, "timestamp": now(random)}
        yield data(progress, "progress")
    usage = {"input_tokens": told.input_tokens, "output_tokens": told.output_tokens}
    yield data(
        {"response": told.text, "sources": [], "metadata": {"model": told.model, "usage": usage}}, "result"
    )
    yield data({"progress": 100, "message": "done", "step": "complete"}, "complete")


def unknown(told: Told, random: Random) -> Iterator[bytes]:
    yield data({"kind": "open", "request": fresh("req_", random)})
    for place, piece in enumerate(pieces(told.text, random)):
        yield data({"kind": "word", "w": piece, "at": place})
    yield data({"kind": "close", "count": told.output_tokens})


SSE, LINES, AWS = "text/event-stream", "application/x-ndjson", "application/vnd.amazon.eventstream"
USAGE, CALLS, ALL = (
    frozenset({"usage"}),
    frozenset({"tool", "usage"}),
    frozenset({"thought", "tool", "usage"}),
)

PROTOCOLS: dict[str, Protocol] = {
    "openai-chat": Protocol(SSE, openai_chat, "tool_calls", "gpt-4o-2024-08-06", path="/v1/chat/completions"),
    "mistral": Protocol(SSE, mistral, "tool_calls", "magistral-medium-latest", path="/v1/chat/completions"),
    "openai-responses": Protocol(SSE, openai_responses, "completed", "gpt-5", path="/v1/responses"),
    "anthropic": Protocol(SSE, anthropic, "tool_use", "claude-sonnet-4-5", path="/v1/messages"),
    "bedrock-anthropic": Protocol(
        AWS, bedrock_invoke, "tool_use", "claude-sonnet-4-5", path="/model/m/invoke-with-response-stream"
    ),
    "bedrock-converse": Protocol(AWS, bedrock_converse, "tool_use", path="/model/m/converse-stream"),
    "gemini": Protocol(SSE, gemini, "STOP", "gemini-2.5-pro", path="/v1beta/models/g:streamGenerateContent"),
    "ollama": Protocol(LINES, ollama, "stop", "llama3.2", path="/api/chat"),
    "cohere": Protocol(SSE, cohere, "TOOL_CALL", path="/v2/chat"),
    "cohere-v1": Protocol("application/stream+json", cohere_v1, "COMPLETE", has=CALLS, path="/v1/chat"),
    "tgi": Protocol(SSE, tgi, "eos_token", has=frozenset({"output"}), path="/generate_stream"),
    "ai-sdk-data-stream": Protocol("text/plain", data_stream, "stop", path="/api/chat"),
    "ai-sdk-ui-messages": Protocol(SSE, ui_messages, "stop", path="/api/chat"),
    "langgraph": Protocol(SSE, langgraph, "stop", "gpt-4o", has=CALLS, path="/runs/stream"),
    "langserve": Protocol(SSE, langserve, "stop", "gpt-4o", has=CALLS, path="/chain/stream"),
    "dify": Protocol(SSE, dify, path="/v1/chat-messages"),
    "a2a": Protocol(SSE, a2a, "completed", has=frozenset({"thought"}), path="/a2a"),
    "mcp": Protocol(SSE, mcp, has=frozenset({"thought"}), path="/mcp"),
    "deep-research": Protocol(SSE, deep_research, "complete", "m-1", has=USAGE, path="/api/v1/stream"),
    "unknown": Protocol(SSE, unknown, has=frozenset(), path="/ask"),
}


def told_by(name: str, **changes: Any) -> Told:
    """Return what a protocol's answer says, with some changes."""
    protocol = PROTOCOLS[name]
    return Told(finish=protocol.finish, model=protocol.model)._replace(**changes)


def written(name: str, seed: int = 0, **changes: Any) -> list[bytes]:
    """Return the chunks of a protocol's answer; another seed gives other ids, times and cuts."""
    return list(PROTOCOLS[name].write(told_by(name, **changes), Random(seed)))  # noqa: S311 - repeatable, no secret
