"""Live traffic compared as it passes: by mitmdump with the addon `diff`, and by `chatreel record --compare`."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from cassettes.file.reader import Cassette
from cassettes.samples import resolve
from chatreel.cli.common_options import url
from chatreel.main import run
from chatreel.mitmdump import SCRIPTS
from chatreel.workflows.threaded_server import Threaded
from platform_client.client import PlatformClient
from replayer.faults.language.plan import plan_of
from replayer.responder import ReplayOptions
from replayer.schedule.pace import Pace
from replayer.server import ReplaySettings, replay_server
from tests.child import start_child

MITMDUMP = str(Path(sys.executable).parent / "mitmdump")
RECORD, DIFF = str(SCRIPTS["record"]), str(SCRIPTS["diff"])
QUERY = "What are the key financial metrics?"


@pytest.fixture
def chatbot() -> Iterator[Callable[..., str]]:
    """Starts a chatbot that says what was recorded, but for its faults; its url."""
    with contextlib.ExitStack() as stack:

        def start(*faults: str) -> str:
            @contextlib.asynccontextmanager
            async def running() -> AsyncIterator[str]:
                options = ReplayOptions(plan=plan_of(faults))
                settings = ReplaySettings(
                    listen=("127.0.0.1", 0), admin=None, pace=Pace(speed=float("inf")), options=options
                )
                async with replay_server([resolve("stream"), resolve("job")], settings, print) as server:
                    yield url(*server.address)

            return stack.enter_context(Threaded(running))

        yield start


@pytest.fixture
def proxy() -> Iterator[Callable[..., tuple[subprocess.Popen[str], str]]]:
    """Starts a proxy; the process and its url, once it listens."""
    running: list[subprocess.Popen[str]] = []

    def start(*command: str) -> tuple[subprocess.Popen[str], str]:
        process = start_child(*command, env={**os.environ, "PYTHONUNBUFFERED": "1"})
        running.append(process)
        assert process.stdout is not None
        for line in process.stdout:
            if found := re.search(r"(?:listening at |recording on http://)([\d.]+:\d+)", line):
                return process, f"http://{found[1]}"
        raise AssertionError(process.communicate())

    yield start
    for process in running:
        process.kill()
        process.communicate()


def converse(origin: str) -> list[str]:
    """What the platform's client sees of the recorded conversations."""
    seen = []
    for query, path in ((QUERY, "/api/v1/stream"), ("Deep analysis request", "/api/v1/stream?mode=job")):
        with PlatformClient(origin + path, poll_interval=0.01) as client:
            seen += [event.type for event in client.send(query)]
    return seen


def ended(process: subprocess.Popen[str]) -> str:
    """What it says after it was asked to stop."""
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 0
    assert "Traceback" not in out + err
    return out + err


def recording(upstream: str, out: Path, *more: str) -> list[str]:
    command = [sys.executable, "-m", "chatreel", "record", "--upstream", upstream, "--out", str(out)]
    return [*command, "--listen", "127.0.0.1:0", *more]


def test_a_recording_tells_what_differs_as_it_happens(proxy, chatbot, tmp_path):
    out = tmp_path / "today.jsonl"
    upstream = chatbot("drop-event type=progress nth=2", "fail-job at-poll=2")
    process, here = proxy(*recording(upstream, out, "--compare", "stream"))
    assert converse(here)
    line = process.stderr.readline()
    path = resolve("stream")
    assert line.startswith(
        f"chatreel: {path}: different: session 0, exchange 0 (live 0), POST /api/v1/stream: "
        "event 1 progress events removed: a recorded event never came; recorded: progress {"
    )
    said = ended(process).splitlines()
    with Cassette.open(out) as cassette:
        count = len(cassette)
    assert said[-2:] == [
        f"chatreel: recorded {count} exchanges into {out}",
        f"chatreel: {path}: 1 question compared, 1 different, 1 not recorded",
    ]


def test_noise_is_no_difference_in_a_recording(proxy, chatbot, tmp_path):
    noise = tmp_path / "noise.toml"
    noise.write_text('[[field]]\npointer = "/step"\nevent = "progress"\n')
    upstream = chatbot("edit-event pointer=/step set=other type=progress nth=2")
    options = ["--compare", "stream", "--noise", str(noise)]
    process, here = proxy(*recording(upstream, tmp_path / "today.jsonl", *options))
    converse(here)
    assert ended(process).endswith(": 1 question compared, 0 different, 1 not recorded\n")


def test_the_same_under_plain_mitmproxy(proxy, chatbot, tmp_path):
    both = tmp_path / "both.jsonl"
    both.write_bytes(resolve("stream").read_bytes() + resolve("job").read_bytes())
    settings = ["--set", f"confdir={tmp_path / 'ca'}", "--set", f"chatreel_compare={both}"]
    listen = ["--listen-host", "127.0.0.1", "--listen-port", "0"]
    for fault, different in (((), 0), (("fail-job at-poll=2",), 1)):
        mode = ["--mode", f"reverse:{chatbot(*fault)}"]
        process, here = proxy(MITMDUMP, *listen, "-s", DIFF, *mode, *settings)
        assert converse(here)
        said = ended(process)
        assert f"{both}: 2 questions compared, {different} different" in said
        assert said.count("different: session 1, ") == different


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ([], "nothing is compared: say with what, with --set chatreel_compare=FILE"),
        (["chatreel_compare=nowhere"], "nowhere: there is no such file and no such sample"),
        (["chatreel_compare=stream", "chatreel_noise=nowhere.toml"], "nowhere.toml: cannot be read"),
        (["chatreel_compare=stream", "chatreel_redact=nonsense"], "nonsense"),
    ],
)
def test_what_cannot_be_is_one_clear_line_under_mitmproxy(tmp_path, settings, reason):
    options = [part for each in settings for part in ("--set", each)]
    listen = ["--listen-host", "127.0.0.1", "--listen-port", "0", "--set", f"confdir={tmp_path / 'ca'}"]
    done = subprocess.run(
        [MITMDUMP, *listen, "-s", DIFF, *options],
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert done.returncode == 1
    said = done.stdout + done.stderr
    [line] = [line for line in said.splitlines() if "chatreel: " in line]
    assert reason in line
    assert "Traceback" not in said


def test_the_addon_that_records_is_not_loaded_beside_it(tmp_path):
    out = tmp_path / "out.jsonl"
    listen = ["--listen-host", "127.0.0.1", "--listen-port", "0", "--set", f"confdir={tmp_path / 'ca'}"]
    scripts = ["-s", RECORD, "-s", DIFF]
    settings = ["--set", f"chatreel_out={out}", "--set", "chatreel_compare=stream"]
    done = subprocess.run(
        [MITMDUMP, *listen, *scripts, *settings], capture_output=True, text=True, timeout=20, check=False
    )
    assert done.returncode == 1
    assert "use chatreel record --compare instead of both addons" in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--compare", "nowhere"], "nowhere: there is no such file and no such sample"),
        (["--noise", "noise.toml"], "--noise needs --compare FILE"),
        (["--compare", "stream", "--noise", "nowhere.toml"], "nowhere.toml: cannot be read"),
        (["--compare", __file__], "expected"),
    ],
)
def test_what_cannot_be_compared_costs_no_recording(options, reason, tmp_path, capsys):
    out = tmp_path / "out.jsonl"
    assert run(["record", "--upstream", "http://127.0.0.1:1", "--out", str(out), *options]) == 2
    err = capsys.readouterr().err
    assert reason in err
    assert err.count("\n") == 1
    assert not out.exists()
