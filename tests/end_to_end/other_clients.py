"""Other people's clients, each of which asks one question and gives what it heard: the text, and the tool calls."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

QUESTION = "How was 2025?"
MESSAGES: Any = [{"role": "user", "content": QUESTION}]


class Heard(NamedTuple):
    """What a client heard; the arguments of tools are JSON."""

    text: str
    tools: list[tuple[str, Any]]


def openai_chat(origin: str) -> Heard:
    openai = pytest.importorskip("openai")
    with openai.OpenAI(base_url=f"{origin}/openai-chat/v1", api_key="none", max_retries=0) as client:
        text, names, arguments = "", [], ""
        for chunk in client.chat.completions.create(model="gpt-4o", messages=MESSAGES, stream=True):
            for choice in chunk.choices:
                text += choice.delta.content or ""
                for call in choice.delta.tool_calls or []:
                    names += [call.function.name] if call.function.name else []
                    arguments += call.function.arguments or ""
        return Heard(text, [(name, json.loads(arguments)) for name in names])


def openai_responses(origin: str) -> Heard:
    openai = pytest.importorskip("openai")
    with openai.OpenAI(base_url=f"{origin}/openai-responses/v1", api_key="none", max_retries=0) as client:
        text, names, arguments = "", [], ""
        for event in client.responses.create(model="gpt-5", input=QUESTION, stream=True):
            if event.type == "response.output_text.delta":
                text += event.delta
            elif event.type == "response.output_item.added":
                names.append(event.item.name)
            elif event.type == "response.function_call_arguments.delta":
                arguments += event.delta
        return Heard(text, [(name, json.loads(arguments)) for name in names])


def anthropic(origin: str) -> Heard:
    sdk = pytest.importorskip("anthropic")
    with sdk.Anthropic(base_url=f"{origin}/anthropic", api_key="none", max_retries=0) as client:
        text, names, arguments = "", [], ""
        for event in client.messages.create(model="claude", max_tokens=99, messages=MESSAGES, stream=True):
            if event.type == "content_block_start" and event.content_block.type == "tool_use":
                names.append(event.content_block.name)
            elif event.type == "content_block_delta":
                text += getattr(event.delta, "text", "")
                arguments += getattr(event.delta, "partial_json", "")
        return Heard(text, [(name, json.loads(arguments)) for name in names])


def ollama(origin: str) -> Heard:
    sdk = pytest.importorskip("ollama")
    with sdk.Client(host=f"{origin}/ollama") as client:
        heard = list(client.chat(model="llama3.2", messages=MESSAGES, stream=True))
    calls = [call.function for part in heard for call in part.message.tool_calls or []]
    text = "".join(part.message.content or "" for part in heard)
    return Heard(text, [(call.name, dict(call.arguments)) for call in calls])


def mistral(origin: str) -> Heard:
    sdk = pytest.importorskip("mistralai.client")
    with sdk.Mistral(api_key="none", server_url=f"{origin}/mistral") as client:
        text, calls = "", []
        for event in client.chat.stream(model="magistral-medium-latest", messages=MESSAGES):
            for choice in event.data.choices:
                text += choice.delta.content if isinstance(choice.delta.content, str) else ""
                calls += choice.delta.tool_calls or []
        return Heard(text, [(call.function.name, json.loads(call.function.arguments)) for call in calls])


def gemini(origin: str) -> Heard:
    sdk = pytest.importorskip("google.genai")
    with sdk.Client(api_key="none", http_options={"base_url": f"{origin}/gemini"}) as client:
        text, calls = "", []
        for chunk in client.models.generate_content_stream(model="gemini-2.5-pro", contents=QUESTION):
            for part in chunk.candidates[0].content.parts:
                text += part.text if part.text and not part.thought else ""
                calls += [part.function_call] if part.function_call else []
        return Heard(text, [(call.name, dict(call.args)) for call in calls])


def bedrock(origin: str, name: str) -> Any:
    session = pytest.importorskip("botocore.session")
    return session.Session().create_client(
        "bedrock-runtime",
        region_name="us-east-1",
        endpoint_url=f"{origin}/{name}",
        aws_access_key_id="none",
        aws_secret_access_key="none",
    )


def bedrock_converse(origin: str) -> Heard:
    messages = [{"role": "user", "content": [{"text": QUESTION}]}]
    with contextlib.closing(bedrock(origin, "bedrock-converse")) as client:
        events = list(client.converse_stream(modelId="m", messages=messages)["stream"])
    text, names, arguments = "", [], ""
    for event in events:
        start = event.get("contentBlockStart", {}).get("start", {})
        delta = event.get("contentBlockDelta", {}).get("delta", {})
        names += [start["toolUse"]["name"]] if "toolUse" in start else []
        text += delta.get("text", "")
        arguments += delta.get("toolUse", {}).get("input", "")
    return Heard(text, [(name, json.loads(arguments)) for name in names])


def bedrock_anthropic(origin: str) -> Heard:
    with contextlib.closing(bedrock(origin, "bedrock-anthropic")) as client:
        answer = client.invoke_model_with_response_stream(
            modelId="m", body=json.dumps({"messages": MESSAGES})
        )
        events = [json.loads(event["chunk"]["bytes"]) for event in answer["body"]]
    deltas = [event["delta"] for event in events if event["type"] == "content_block_delta"]
    blocks = [event["content_block"] for event in events if event["type"] == "content_block_start"]
    arguments = "".join(delta.get("partial_json", "") for delta in deltas)
    names = [block["name"] for block in blocks if block["type"] == "tool_use"]
    text = "".join(delta.get("text", "") for delta in deltas)
    return Heard(text, [(name, json.loads(arguments)) for name in names])


def mcp(origin: str) -> Heard:
    sdk, http = pytest.importorskip("mcp"), pytest.importorskip("mcp.client.streamable_http")

    async def ask() -> Heard:
        async with (
            http.streamable_http_client(f"{origin}/mcp/") as (read, write, *_),
            sdk.ClientSession(read, write) as session,
        ):
            await session.initialize()
            result = await session.call_tool("ask", {"question": QUESTION})
            return Heard(result.content[0].text, [])

    return asyncio.run(ask())


CLIENTS: dict[str, Callable[[str], Heard]] = {
    "openai-chat": openai_chat,
    "openai-responses": openai_responses,
    "anthropic": anthropic,
    "ollama": ollama,
    "mistral": mistral,
    "gemini": gemini,
    "bedrock-converse": bedrock_converse,
    "bedrock-anthropic": bedrock_anthropic,
    "mcp": mcp,
}
