"""The incident of docs/replay.md in two commands: a job whose session is lost between two polls."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest

CHATREEL = (sys.executable, "-m", "chatreel")


@pytest.fixture
def replay():
    """Starts `chatreel replay` with these arguments on a free port; gives its url."""
    running = []

    def start(*arguments):
        command = [*CHATREEL, "replay", "--listen", "127.0.0.1:0", "--admin", "off", *arguments]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        running.append(process)
        return re.search(r" on (http://\S+:\d+)", process.stdout.readline())[1]

    yield start
    for process in running:
        process.kill()
        process.communicate()


def ask(url, path, query, out):
    """Runs `chatreel client`; its exit code, and the events that it saw."""
    command = [*CHATREEL, "client", "--url", url + path, "--query", query, "--poll-interval", "0.01"]
    done = subprocess.run([*command, "--save-output", str(out)], capture_output=True, timeout=30, check=False)
    return done.returncode, [(one["event"], json.loads(one["data"])) for one in json.loads(out.read_text())]


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("forget-job from-poll=2", "Job polling error: 404 Client Error: Not Found"),
        ("expire-session after-requests=2", "Job polling error: 401 Client Error: Unauthorized"),
    ],
)
def test_a_job_is_lost_between_two_polls(replay, tmp_path, fault, said):
    url = replay("job", "--fault", fault)
    code, events = ask(url, "/api/v1/stream?mode=job", "Deep analysis request", tmp_path / "events.json")
    assert (code, [name for name, _ in events]) == (1, ["progress", "error"])
    assert events[-1][1]["error"].startswith(said)


def test_a_stream_is_reset_by_a_reverse_proxy(replay, tmp_path):
    upstream = replay("stream", "--speed", "max")
    url = replay("--on-miss", "forward", "--upstream", upstream, "--fault", "reset after-events=3")
    question = "What are the key financial metrics?"
    code, events = ask(url, "/api/v1/stream", question, tmp_path / "events.json")
    assert (code, [name for name, _ in events]) == (1, ["progress", "progress", "progress", "error"])
    assert events[-1][1] == {"error": "Stream ended prematurely"}
