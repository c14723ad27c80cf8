"""`chatreel demo`, as a user runs it."""

from __future__ import annotations

import itertools
import re
import signal
import subprocess
import sys

import requests

from cassettes.file.reader import Cassette
from tests.sample_platform.running import Visitor

DEEP = {
    "query": "Deep analysis request",
    "conversation_history": [],
    "auto_load_documents": True,
    "memory_enabled": True,
}
"""The question of the sample `job`."""


def test_the_demo_proves_itself_and_leaves_the_cassette_where_it_says(tmp_path):
    out = tmp_path / "demo.jsonl"
    command = [sys.executable, "-m", "chatreel", "demo", "--out", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("events: identical") == 2
    assert done.stdout.count("bytes and chunk boundaries: identical in all 7 exchanges") == 2
    assert "  a polled job: progress, error\n  Job polling error: 404 Client Error" in done.stdout
    assert "  same: 3 questions of 3 sessions compared, 0 differences\n" in done.stdout
    assert "  different: 3 questions of 3 sessions compared, 1 difference\n" in done.stdout
    assert f"chatreel replay {out}\n" in done.stdout
    with Cassette.open(out) as cassette:
        assert len(cassette) == 7

    again = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert again.returncode == 2
    assert "--force" in again.stderr


def test_the_demo_of_the_platform_records_what_its_users_ask(tmp_path):
    out = tmp_path / "demo.jsonl"
    command = [sys.executable, "-m", "chatreel", "demo", "--platform", "--out", str(out)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            said = "".join(itertools.takewhile(lambda line: "chatreel replay" not in line, process.stdout))
            urls = dict(re.findall(r"^The (\w+) +(http://127\.0\.0\.1:\d+)", said, re.MULTILINE))
            assert set(urls) == {"platform", "recorder", "chatbot", "inspector", "replay"}
            [(user, password)] = re.findall(r"sign in as (\w+) with the password (\S+)\)", said)
            visitor = Visitor(urls["platform"])
            visitor.sign_in(user, password)
            assert visitor.ask("Is it recorded?")[-1][0] == "complete"
            assert requests.get(f"{urls['inspector']}/inspect/", timeout=10).status_code == 200
            job = requests.post(f"{urls['replay']}/api/v1/stream?mode=job", json=DEEP, timeout=10)
            assert job.status_code == 202
            assert requests.get(f"{urls['chatbot']}/health", timeout=10).status_code == 200
        finally:
            process.send_signal(signal.SIGINT)
        rest, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (0, "")
    assert rest == ""
    with Cassette.open(out) as cassette:
        assert ["Is it recorded?" in str(body) for _, _, _, body in cassette.requests()] == [True]
