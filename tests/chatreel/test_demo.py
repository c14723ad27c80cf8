"""`chatreel demo`, as a user runs it."""

from __future__ import annotations

import subprocess
import sys

from cassettes.file.reader import Cassette


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
