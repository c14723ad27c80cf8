"""What three kinds of clients saw of the chatbot, they see again of its replay, byte for byte."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cassettes.file.reader import Cassette
from chatreel.workflows.recording_proxy import capture
from chatreel.workflows.replay_proof import prove
from foundation.clock import SYSTEM
from platform_client.client import PlatformClient

CONVERSATIONS = ["/api/v1/stream", "/api/v1/stream?mode=job", "/api/v1/stream/error"]
QUESTION = "What are the key financial metrics?"

FETCH = """
async ({path, question}) => {
    const read = async (response) => {
        const reader = response.body.getReader();
        const decoder = new TextDecoder();
        let text = "";
        for (let piece; !(piece = await reader.read()).done;) text += decoder.decode(piece.value, {stream: true});
        return text;
    };
    const asked = await fetch(path, {method: "POST", body: JSON.stringify({query: question})});
    const seen = [await read(asked)];
    if (asked.headers.get("content-type").startsWith("application/json"))
        for (let status = ""; status !== "succeeded"; status = JSON.parse(seen.at(-1)).status)
            seen.push(await read(await fetch(JSON.parse(seen[0]).polling_url)));
    return seen;
}
"""


def ask_as_the_platform(origin: str, path: str) -> Any:
    with PlatformClient(origin + path, poll_interval=0.01) as client:
        return list(client.send(QUESTION))


def ask_with_curl(origin: str, path: str, jar: Path) -> list[bytes]:
    curl = [
        "curl",
        "--silent",
        "--show-error",
        "--no-buffer",
        "--max-time",
        "20",
        "-b",
        str(jar),
        "-c",
        str(jar),
    ]
    body = json.dumps({"query": QUESTION})
    asked = subprocess.run([*curl, "--data", body, origin + path], capture_output=True, check=True).stdout
    seen = [asked]
    if "mode=job" in path:
        poll = origin + json.loads(asked)["polling_url"]
        while b'"succeeded"' not in seen[-1]:
            seen.append(subprocess.run([*curl, poll], capture_output=True, check=True).stdout)
    return seen


@pytest.fixture(params=["platform", "curl", "browser"])
def ask(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str, str], Any]:
    """Holds a conversation as one kind of client does; what that client saw of it."""
    if request.param == "platform":
        return ask_as_the_platform
    if request.param == "curl":
        if shutil.which("curl") is None:
            pytest.skip("needs curl")
        return lambda origin, path: ask_with_curl(origin, path, tmp_path / "cookies.txt")
    page = request.getfixturevalue("page")

    def fetch(origin: str, path: str) -> Any:
        page.goto(f"{origin}/health")
        return page.evaluate(FETCH, {"path": path, "question": QUESTION})

    return fetch


@pytest.mark.parametrize("path", CONVERSATIONS)
def test_every_client_sees_again_what_it_saw(chatbot, replay, ask, path, tmp_path):
    cassette = tmp_path / "recording.jsonl"
    with capture(chatbot, cassette, print) as proxy:
        seen = ask(proxy, path)
    assert ask(replay(cassette), path) == seen

    with Cassette.open(cassette) as recorded:
        proof = prove(recorded.exchanges(), replay(cassette), SYSTEM)
        assert (proof.exchanges, proof.different) == (len(recorded), [])


def test_a_client_sees_through_the_proxy_what_it_sees_without(chatbot, ask, tmp_path):
    with capture(chatbot, tmp_path / "recording.jsonl", print) as proxy:
        assert ask(proxy, "/api/v1/stream") == ask(chatbot, "/api/v1/stream")
