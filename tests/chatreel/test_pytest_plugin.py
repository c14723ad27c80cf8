"""The pytest plugin, in test runs of its own: what a user writes, and what the user is told."""

from __future__ import annotations

import dataclasses
import json
import math
import re
from importlib import import_module
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from cassettes.file.reader import Cassette
from chatreel.commands.replay import command
from chatreel.test_server.explanation import explain
from chatreel.test_server.recording import append
from chatreel.test_server.replay_options import ELSEWHERE, settings_of
from chatreel.testing import journal_records
from chatreel.workflows.threaded_server import Threaded
from foundation.clock import SECOND
from foundation.errors import CassetteError
from replayer import journal
from replayer.journal import JournalEntry
from replayer.matching.differences import RequestDifference
from sample_chatbot import server
from sample_chatbot.settings import ChatbotSettings

# The inner runs forget what they import: with this they share a test server.
import_module("chatreel.testing")

pytest_plugins = ["pytester"]

START = """
import pytest
import requests

def get(url):
    return requests.get(url, timeout=10)
"""


def cassette(**answers: str) -> str:
    """A recording of `GET /NAME` with each answer."""
    lines = [{"chatreel": 1, "created": "2026-11-22T12:00:00.000000Z", "recorder": "test"}]
    for number, (name, answer) in enumerate(answers.items()):
        at = {"exchange": number, "at": number * 1000}
        request = {"method": "GET", "url": f"http://bot/{name}", "http": "1.1", "headers": []}
        lines += [
            {"kind": "request", **at, **request},
            {"kind": "response", **at, "status": 200, "reason": "OK", "headers": []},
            {"kind": "chunk", **at, "data": answer},
            {"kind": "end", **at, "how": "complete"},
        ]
    return "".join(json.dumps(line) + "\n" for line in lines)


@pytest.fixture
def run(pytester, monkeypatch):
    """Runs a test file, beside `two.jsonl`, which holds /a and /b; warnings are errors, other plugins are out."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTEST_PLUGINS", "chatreel.pytest_plugin")
    (pytester.path / "two.jsonl").write_text(cassette(a="one", b="two"))

    def go(source: str, *options: str, subprocess: bool = False):
        pytester.makepyfile(test_it=START + source)
        start = pytester.runpytest_subprocess if subprocess else pytester.runpytest_inprocess
        return start("--strict-markers", "-W", "error", *options)

    return go


@pytest.fixture(scope="module")
def chatbot():
    with Threaded(lambda: server.run(ChatbotSettings(pace=0.01))) as url:
        yield url


def targets(path: Path) -> list[str]:
    with Cassette.open(path) as opened:
        return [urlsplit(opened.request(number).url).path for number in range(len(opened))]


# What a test run loads


def test_a_run_that_does_not_use_it_imports_nothing_of_ours_but_the_plugin(pytester):
    pytester.makepyfile("""
import sys

def test_nothing():
    tops = {name.partition(".")[0] for name in sys.modules}
    assert tops.isdisjoint({"tornado", "mitmproxy", "replayer", "recorder", "cassettes", "addons", "msgspec"})
    assert {name for name in sys.modules if name.startswith("chatreel")} == {"chatreel", "chatreel.pytest_plugin"}
""")
    pytester.runpytest_subprocess().assert_outcomes(passed=1)


def test_a_run_that_uses_it_imports_only_the_thin_part(pytester):
    pytester.makepyfile("""
import sys

def test_it(chatreel):
    chatreel.replay("health")
    names = sys.modules
    assert {name.partition(".")[0] for name in names}.isdisjoint(OURS)
    parts = {".".join(name.split(".")[:2]) for name in names if name.partition(".")[0] == "chatreel"}
    assert parts == {"chatreel", "chatreel.pytest_plugin", "chatreel.supported_platform", "chatreel.testing"}

OURS = {"tornado", "mitmproxy", "msgspec", "replayer", "recorder", "cassettes", "addons", "foundation", "inspector"}
""")
    pytester.runpytest_subprocess().assert_outcomes(passed=1)


def test_one_server_serves_all_tests_and_ends_with_the_run(run, pytester):
    source = """
from chatreel.testing.server_process import server

@pytest.mark.parametrize("turn", range(2))
@pytest.mark.chatreel("two.jsonl")
def test_it(chatreel, turn):
    with open("processes", "a") as file:
        print(server().process_id, file=file)
"""
    run(source, subprocess=True).assert_outcomes(passed=2)
    [process] = set((pytester.path / "processes").read_text().split())
    assert not Path("/proc", process).exists()


def test_a_server_that_died_is_an_error_of_one_test(run):
    source = """
import os
import signal
from chatreel.testing.server_process import server

@pytest.mark.parametrize("turn", range(2))
@pytest.mark.chatreel("two.jsonl")
def test_it(chatreel, turn):
    if turn == 0:
        os.kill(server().process_id, signal.SIGKILL)
    assert get(chatreel.url + "/a").text == "one"
"""
    result = run(source, subprocess=True)
    result.assert_outcomes(failed=1, errors=1, passed=1)
    result.stdout.fnmatch_lines(["*the test server ended with exit code -9*"])


def test_warnings_of_the_server_are_logged_in_the_test(run, pytester):
    path = pytester.path / "two.jsonl"
    path.write_text(path.read_text() + '{"kind": "chunk", "exch')
    run("""
def test_it(chatreel, caplog):
    chatreel.replay("two.jsonl")
    assert [record.name for record in caplog.records] == ["chatreel"]
""").assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("copy", "whole"),
    [
        (journal_records.JournalEntry, journal.JournalEntry),
        (journal_records.Neighbour, journal.Neighbour),
        (journal_records.RequestDifference, RequestDifference),
    ],
)
def test_what_a_test_reads_has_the_fields_of_the_servers_records(copy, whole):
    assert [field.name for field in dataclasses.fields(copy)] == list(whole.__struct_fields__)


def test_it_can_be_left_out(pytester):
    pytester.makepyfile("def test_it(chatreel): pass")
    result = pytester.runpytest_inprocess("-p", "no:chatreel")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*fixture 'chatreel' not found"])


def test_the_marker_is_explained(pytester):
    pytester.runpytest_inprocess("--markers").stdout.fnmatch_lines(["@pytest.mark.chatreel(*cassettes, *"])


# What is played


@pytest.mark.parametrize(
    "source",
    [
        '@pytest.mark.chatreel("two.jsonl")\ndef test_it(chatreel):\n    url = chatreel.url',
        'def test_it(chatreel):\n    url = chatreel.replay("two.jsonl").url',
        'def test_it(chatreel):\n    chatreel.replay("two.jsonl")\n    url = chatreel.url',
        'import pathlib\ndef test_it(chatreel):\n    url = chatreel.replay(pathlib.Path("two.jsonl").absolute()).url',
        'pytestmark = pytest.mark.chatreel("two.jsonl")\ndef test_it(chatreel):\n    url = chatreel.url',
        (
            'pytestmark = pytest.mark.chatreel("job")\n'
            '@pytest.mark.chatreel("two.jsonl")\ndef test_it(chatreel):\n    url = chatreel.url'
        ),
    ],
    ids=["marker", "call", "first call", "absolute path", "module", "nearest marker"],
)
def test_a_cassette_is_played(run, source):
    check = '\n    assert (get(url + "/a").text, get(url + "/b").text) == ("one", "two")'
    run(source + check).assert_outcomes(passed=1)


def test_several_cassettes_one_of_them_a_sample(run, pytester):
    (pytester.path / "three.jsonl").write_text(cassette(c="three"))
    run("""
@pytest.mark.chatreel("two.jsonl", "three.jsonl", "health")
def test_it(chatreel):
    assert [get(chatreel.url + path).text for path in ("/a", "/c")] == ["one", "three"]
    assert get(chatreel.url + "/health").json()["status"] == "healthy"
""").assert_outcomes(passed=1)


def test_two_replays_in_one_test(run):
    run("""
@pytest.mark.chatreel("two.jsonl")
def test_it(chatreel):
    health = chatreel.replay("health")
    assert (get(chatreel.url + "/a").text, get(health.url + "/health").status_code) == ("one", 200)
    assert [len(reel.journal) for reel in (chatreel, health)] == [1, 1]
""").assert_outcomes(passed=1)


def test_a_path_counts_from_the_folder_of_the_test_or_else_from_the_root(pytester):
    pytester.makeini("[pytest]")
    folder = pytester.mkdir("inner")
    for place, answer in ((pytester.path, "root"), (folder, "inner")):
        (place / "both.jsonl").write_text(cassette(a=answer))
    (pytester.path / "root.jsonl").write_text(cassette(a="only"))
    source = """
@pytest.mark.parametrize(("name", "answer"), [("both.jsonl", "inner"), ("root.jsonl", "only")])
def test_it(chatreel, name, answer):
    assert get(chatreel.replay(name).url + "/a").text == answer
"""
    (folder / "test_it.py").write_text(START + source)
    pytester.runpytest_inprocess("inner").assert_outcomes(passed=2)


def test_markers_add_up_and_a_call_goes_before_them(run):
    run("""
pytestmark = pytest.mark.chatreel(after_last="miss", allow_misses=True)

@pytest.mark.chatreel("two.jsonl")
def test_marked(chatreel):
    assert [get(chatreel.url + "/a").status_code for _ in range(2)] == [200, 501]

def test_called(chatreel):
    url = chatreel.replay("two.jsonl", after_last="repeat").url
    assert [get(url + "/a").status_code for _ in range(2)] == [200, 200]
""").assert_outcomes(passed=2)


def test_the_journal_sessions_and_reset(run):
    run("""
@pytest.mark.chatreel("two.jsonl", allow_misses=True)
def test_it(chatreel):
    get(chatreel.url + "/a"), get(chatreel.url + "/none")
    assert [(entry.target, entry.why) for entry in chatreel.journal] == [("/a", "match"), ("/none", "miss")]
    assert [entry.target for entry in chatreel.misses] == ["/none"]
    assert len(chatreel.sessions) == 1
    chatreel.reset()
    assert chatreel.journal == chatreel.misses == chatreel.sessions == []
""").assert_outcomes(passed=1)


def test_a_client_with_an_event_loop_of_its_own(run):
    run("""
import asyncio

async def ask(host, port):
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"GET /a HTTP/1.0\\r\\n\\r\\n")
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return answer

@pytest.mark.chatreel("two.jsonl")
def test_it(chatreel):
    async def both():
        address = chatreel.url.removeprefix("http://").split(":")
        answers = await asyncio.gather(ask(*address), ask(*address))
        assert len(chatreel.journal) == 2
        return answers
    assert all(answer.endswith(b"one") for answer in asyncio.run(both()))
""").assert_outcomes(passed=1)


def test_in_two_processes(run):
    source = """
@pytest.mark.parametrize("turn", range(4))
@pytest.mark.chatreel("two.jsonl")
def test_it(chatreel, turn):
    assert get(chatreel.url + "/a").text == "one"
"""
    run(source, "-p", "xdist", "-n", "2", subprocess=True).assert_outcomes(passed=4)


# What its options are

VALUES = {
    "speed": 10,
    "max_gap": 0.5,
    "seed": 7,
    "tokens": "recorded",
    "after_last": "loop",
    "polls": "by-time",
    "lost_session": "404",
    "resume": "off",
    "cors": True,
    "match": "+header:Accept",
    "ignore": ["/time", "query:t"],
    "fault": "refuse first=1",
    "faults": ["refuse first=1"],
    "allow_fault_header": True,
}
"""A value that is not the default for every option of `chatreel replay`."""

MODULES = {"fault_module"}
"""What has its effect elsewhere."""


@pytest.mark.parametrize(
    "name", sorted({parameter.name for parameter in command.params} - ELSEWHERE - MODULES)
)
def test_every_option_of_the_command_has_its_effect(name):
    assert settings_of({name: VALUES[name]}) != settings_of({})


def test_the_units_and_the_defaults():
    assert settings_of({}).pace.speed == settings_of({"speed": "max"}).pace.speed == math.inf
    settings = settings_of({"speed": 0.5, "max_gap": 2, "seed": None})
    assert (settings.pace.speed, settings.pace.max_gap, settings.options.seed) == (0.5, 2 * SECOND, 0)
    assert (settings.listen, settings.admin) == (("127.0.0.1", 0), None)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"allow_fault_header": False}, {}),
        ({"faults": None}, {}),
        ({"faults": ["refuse", "empty"]}, {"fault": ["refuse", "empty"]}),
        ({"faults": ["refuse"], "fault": "empty"}, {"fault": ["refuse", "empty"]}),
    ],
)
def test_options_that_say_the_same(one, other):
    assert settings_of(one) == settings_of(other)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ('"two.jsonl", faults=["rest"]', "chatreel: there is no fault 'rest', did you mean 'reset'?*"),
        ('"two.jsonl", faults="none.toml"', "chatreel: */none.toml: No such file or directory"),
        ('"two.jsonl", fault_module="none.py"', "chatreel: --fault-module */none.py: *"),
        ('"two.jsonl", sped=10', "chatreel: there is no option 'sped': write one of after_last, *"),
        ('"two.jsonl", listen="127.0.0.1:1"', "chatreel: there is no option 'listen': write one of *"),
        ('"two.jsonl", speed="fast"', "chatreel: *'fast' is no speed*"),
        ('"two.jsonl", polls="often"', "chatreel: *--polls*'often' is not one of *"),
        ('"broken.jsonl"', "chatreel: *broken.jsonl, line 1: expected *"),
        (
            '"none.jsonl"',
            "chatreel: there is no cassette */none.jsonl, and no such sample (error, *once --chatreel-upstream URL",
        ),
        (
            '"none.jsonl", upstream="http://127.0.0.1:1"',
            "chatreel: there is no cassette *; record it with --chatreel-record once",
        ),
    ],
)
def test_a_mistake_in_the_marker_is_one_line(run, pytester, arguments, message):
    (pytester.path / "broken.jsonl").write_text("{}\n")
    result = run(f"@pytest.mark.chatreel({arguments})\ndef test_it(chatreel): pass")
    result.assert_outcomes(errors=1)
    lines = result.stdout.lines
    start = lines.index(next(line for line in lines if "ERROR at setup of test_it" in line))
    result.stdout.fnmatch_lines([message])
    assert lines[start + 1].startswith("chatreel: ")


def test_a_missing_cassette_names_all_places(pytester):
    pytester.makeini("[pytest]")
    folder = pytester.mkdir("inner")
    (folder / "test_it.py").write_text(
        START + '@pytest.mark.chatreel("x.jsonl")\ndef test_it(chatreel): pass'
    )
    result = pytester.runpytest_inprocess("inner")
    result.stdout.fnmatch_lines([f"*there is no cassette {folder}/x.jsonl, nor is it in {pytester.path}, *"])


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("chatreel.url", "*nothing is played: mark the test with @pytest.mark.chatreel(*"),
        ("chatreel.replay()", "*name a cassette, as in chatreel.replay(*"),
        ('chatreel.replay("none.jsonl")', "*there is no cassette *"),
    ],
)
def test_a_mistake_in_a_call_points_to_the_line_of_the_test(run, source, message):
    result = run(f"def test_it(chatreel):\n    {source}\n")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([f">*{source}", f"E *{message}", "test_it.py:*Error"])
    assert "chatreel/testing" not in result.stdout.str()


# Faults

SHOUT = """
from collections.abc import Iterator
from dataclasses import dataclass

from replayer.faults.fault import Fault, Step, Transform
from replayer.faults.context import FaultContext
from replayer.schedule.actions import Data


@dataclass(frozen=True, kw_only=True)
class Shout(Fault):
    called = "shout"
    example = "shout path=/a"

    def begin(self, context: FaultContext) -> Transform:
        def feed(step: Step) -> Iterator[Step]:
            yield Data(step.at, step.data.upper()) if isinstance(step, Data) else step

        return feed
"""


@pytest.mark.parametrize(
    "options",
    ['faults=["status code=503 path=/a"]', 'fault="status code=503 path=/a"', 'faults="plan.toml"'],
)
def test_faults_of_the_marker(run, pytester, options):
    (pytester.path / "plan.toml").write_text('[[faults]]\nfault = "status"\ncode = 503\npath = "/a"\n')
    run(f"""
@pytest.mark.chatreel("two.jsonl", {options})
def test_it(chatreel):
    assert [get(chatreel.url + path).status_code for path in ("/a", "/b")] == [503, 200]
    assert [entry.faults for entry in chatreel.journal] == [chatreel.faults, []]
""").assert_outcomes(passed=1)


def test_faults_of_a_call_go_before_those_of_the_marker(run):
    run("""
@pytest.mark.chatreel(faults=["status code=503"])
def test_it(chatreel):
    assert get(chatreel.replay("two.jsonl", faults=["status code=418"]).url + "/a").status_code == 418
""").assert_outcomes(passed=1)


def test_faults_while_a_test_runs(run):
    run("""
@pytest.mark.chatreel("two.jsonl")
def test_it(chatreel):
    def statuses():
        return [get(chatreel.url + "/a").status_code for _ in range(2)]
    assert (chatreel.faults, statuses()) == ([], [200, 200])
    chatreel.faults = ["status code=503 first=1"]
    assert statuses() == [503, 200]
    assert chatreel.faults == ["status code=503 first=1"]
    chatreel.reset()
    assert statuses() == [503, 200]
    chatreel.faults = "status code=418"
    assert statuses() == [418, 418]
    chatreel.faults = []
    assert statuses() == [200, 200]
""").assert_outcomes(passed=1)


def test_a_fault_that_a_request_asks_for_itself(run):
    run("""
@pytest.mark.chatreel("two.jsonl", allow_fault_header=True)
def test_it(chatreel):
    asked = {"X-Chatreel-Fault": "status code=503"}
    assert requests.get(chatreel.url + "/a", headers=asked, timeout=10).status_code == 503
    assert get(chatreel.url + "/a").status_code == 200
""").assert_outcomes(passed=1)


def test_faults_of_ones_own_in_more_than_one_test(run, pytester):
    (pytester.path / "shout.py").write_text(SHOUT)
    run(
        """
@pytest.mark.parametrize("turn", range(2))
@pytest.mark.chatreel("two.jsonl", fault_module="shout.py", faults=["shout"])
def test_it(chatreel, turn):
    assert get(chatreel.url + "/a").text == "ONE"
""",
        subprocess=True,
    ).assert_outcomes(passed=2)


def test_a_wrong_fault_points_to_the_line_of_the_test(run):
    result = run("""
@pytest.mark.chatreel("two.jsonl")
def test_it(chatreel):
    chatreel.faults = ["delay tme=1s"]
""")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [">*chatreel.faults = *", "E *fault delay has no 'tme', did you mean 'time'?*"]
    )
    assert "chatreel/testing" not in result.stdout.str()


# What fails a test

MISS = [
    "  GET /A",
    "    the nearest is exchange 0 of two.jsonl",
    "    path: expected /a, found /A",
    "Record more (--chatreel-record new_episodes), or let it be with allow_misses=True.",
]


def test_a_miss_fails_a_test_that_would_pass(run):
    result = run('@pytest.mark.chatreel("two.jsonl")\ndef test_it(chatreel): get(chatreel.url + "/A")')
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["chatreel: 1 request was not recorded:", *MISS], consecutive=True)
    result.stdout.fnmatch_lines(
        ["FAILED test_it.py::test_it - Failed: chatreel: 1 request was not recorded:*"]
    )


def test_a_miss_is_told_beside_the_failure_of_the_test(run):
    result = run("""
@pytest.mark.chatreel("two.jsonl")
def test_it(chatreel):
    assert get(chatreel.url + "/A").status_code == 200
""")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E *assert 501 == 200*", "* Captured chatreel call *"])
    result.stdout.fnmatch_lines(["1 request was not recorded:", *MISS], consecutive=True)


def test_a_miss_is_told_once_and_also_of_one_before_a_reset(run):
    result = run("""
@pytest.mark.chatreel("two.jsonl")
def test_it(chatreel):
    get(chatreel.url + "/A")
    chatreel.reset()
    get(chatreel.url + "/B")
""")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["chatreel: 2 requests were not recorded:", "  GET /A", "  GET /B"])


def test_a_miss_in_the_end_of_another_fixture_is_an_error(run):
    result = run("""
@pytest.fixture
def client(chatreel):
    yield
    get(chatreel.url + "/A")

@pytest.mark.chatreel("two.jsonl")
def test_it(client): pass
""")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*ERROR at teardown of test_it*", "chatreel: 1 request was not recorded:"])


@pytest.mark.parametrize(
    "source",
    [
        '@pytest.mark.chatreel("two.jsonl", allow_misses=True)\ndef test_it(chatreel):\n    url = chatreel.url',
        'def test_it(chatreel):\n    url = chatreel.replay("two.jsonl", allow_misses=True).url',
    ],
)
def test_misses_can_be_allowed(run, source):
    run(source + '\n    assert get(url + "/A").status_code == 501').assert_outcomes(passed=1)


def test_played_out_answers_are_explained(run):
    result = run("""
@pytest.mark.chatreel("two.jsonl", after_last="miss")
def test_it(chatreel):
    get(chatreel.url + "/a"), get(chatreel.url + "/a")
""")
    result.stdout.fnmatch_lines(["    the same: all its recorded answers have been played"])


def test_long_lists_are_cut_and_nothing_moves_the_cursor():
    misses = [JournalEntry(number=n, at=n, method="GET", target="/\x1b[2J", why="miss") for n in range(23)]
    lines = explain(misses).splitlines()
    assert lines[0] == "23 requests were not recorded:"
    assert lines[1:3] == [r"  GET /\u001b[2J", "    nothing is recorded"]
    assert len(lines) == 1 + 2 * 20 + 2
    assert lines[-2] == "  and 3 more"


def test_what_was_not_played_is_listed(run):
    result = run("""
@pytest.mark.chatreel("two.jsonl")
def test_it(chatreel):
    get(chatreel.url + "/a")
    chatreel.assert_all_played()
""")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            ">*chatreel.assert_all_played()",
            "E *AssertionError: 1 of 2 exchanges were not played:",
            "E *GET /b (exchange 1 of two.jsonl)",
        ]
    )


def test_all_was_played(run):
    run("""
@pytest.mark.chatreel("two.jsonl")
def test_it(chatreel):
    get(chatreel.url + "/a"), get(chatreel.url + "/b")
    chatreel.assert_all_played()
""").assert_outcomes(passed=1)


# What is recorded

HEALTH = """
@pytest.mark.chatreel("calls/health.jsonl")
def test_it(chatreel):
    assert get(chatreel.url + "/health").json()["status"] == "healthy"
    chatreel.assert_all_played()
    assert chatreel.misses == []
    chatreel.reset()
"""
WHOLE = '@pytest.mark.chatreel("two.jsonl")\ndef test_it(chatreel): get(chatreel.url + "/health")'


def test_once_records_what_is_missing_and_replays_it_then(run, pytester, chatbot):
    run(HEALTH, "--chatreel-record", "once", "--chatreel-upstream", chatbot).assert_outcomes(passed=1)
    path = pytester.path / "calls" / "health.jsonl"
    assert targets(path) == ["/health"]
    assert list(path.parent.iterdir()) == [path]
    recorded = path.read_bytes()
    for options in ((), ("--chatreel-record", "once", "--chatreel-upstream", "http://127.0.0.1:1")):
        run(HEALTH, *options).assert_outcomes(passed=1)
    assert path.read_bytes() == recorded


def test_a_recording_has_the_members_of_a_replay(run, chatbot):
    source = f"""
def test_it(chatreel):
    recording = chatreel.replay("new.jsonl", upstream="{chatbot}", speed=10)
    get(recording.url + "/health")
    recording.reset()
    recording.assert_all_played()
    assert recording.journal == recording.misses == recording.sessions == recording.faults == []
"""
    run(source, "--chatreel-record", "once").assert_outcomes(passed=1)


def test_a_test_of_faults_replays_what_others_record(run, pytester, chatbot):
    before = (pytester.path / "two.jsonl").read_bytes()
    source = """
@pytest.mark.chatreel("two.jsonl", faults=["status code=503"])
def test_it(chatreel):
    assert get(chatreel.url + "/a").status_code == 503
"""
    run(source, "--chatreel-record", "all", "--chatreel-upstream", chatbot).assert_outcomes(passed=1)
    assert (pytester.path / "two.jsonl").read_bytes() == before


def test_a_recording_takes_no_faults(run, chatbot):
    source = 'def test_it(chatreel):\n    chatreel.replay("new.jsonl")\n    chatreel.faults = ["reset"]'
    result = run(source, "--chatreel-record", "once", "--chatreel-upstream", chatbot)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E *a live chatbot that is recorded has no faults: *"])


def test_all_records_anew_when_the_test_passes(run, pytester, chatbot):
    run(WHOLE, "--chatreel-record", "all", "--chatreel-upstream", chatbot).assert_outcomes(passed=1)
    assert targets(pytester.path / "two.jsonl") == ["/health"]


@pytest.mark.parametrize(
    ("end", "outcome"),
    [("assert 0", {"failed": 1}), ("pytest.skip()", {"skipped": 1}), ("pytest.xfail()", {"xfailed": 1})],
)
def test_a_test_that_does_not_pass_leaves_the_cassette_as_it_was(run, pytester, chatbot, end, outcome):
    before = (pytester.path / "two.jsonl").read_bytes()
    result = run(f"{WHOLE}; {end}", "--chatreel-record", "all", "--chatreel-upstream", chatbot)
    result.assert_outcomes(**outcome)
    assert {path.name for path in pytester.path.glob("*.jsonl")} == {"two.jsonl"}
    assert (pytester.path / "two.jsonl").read_bytes() == before


EPISODES = """
@pytest.mark.chatreel("two.jsonl", "stream")
def test_it(chatreel):
    assert get(chatreel.url + "/a").text == "one"
    assert get(chatreel.url + "/health?api_key=sesame-0123456789").json()["status"] == "healthy"
    assert [entry.why for entry in chatreel.journal] == ["match", MORE]
"""


def test_new_episodes_are_added_when_the_test_passes_and_replayed_then(run, pytester, chatbot):
    path = pytester.path / "two.jsonl"
    path.write_text(path.read_text() + '{"kind": "chunk", "exch')  # a recorder was killed
    new = ("--chatreel-record", "new_episodes", "--chatreel-upstream", chatbot)
    run(EPISODES.replace("MORE", '"nothing"'), *new).assert_outcomes(failed=1)
    assert targets(path) == ["/a", "/b"]
    run(EPISODES.replace("MORE", '"forwarded"'), *new).assert_outcomes(passed=1)
    assert targets(path) == ["/a", "/b", "/health"]
    assert "sesame" not in path.read_text()
    recorded = path.read_bytes()
    again = EPISODES.replace(
        "api_key=sesame-0123456789", recorded.partition(b"/health?")[2].partition(b'"')[0].decode()
    )
    for options in ((), new):
        run(again.replace("MORE", '"match"'), *options).assert_outcomes(passed=1)
    assert path.read_bytes() == recorded


def test_new_episodes_records_a_cassette_that_is_missing(run, pytester, chatbot):
    run(HEALTH, "--chatreel-record", "new_episodes", "--chatreel-upstream", chatbot).assert_outcomes(passed=1)
    assert targets(pytester.path / "calls" / "health.jsonl") == ["/health"]


def test_new_episodes_come_from_the_recorded_upstream_when_no_other_is_given(run, pytester, chatbot):
    path = pytester.path / "two.jsonl"
    result = run(WHOLE, "--chatreel-record", "new_episodes")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["chatreel: *upstream*no recording names it*"])
    path.write_text(path.read_text().replace('"recorder"', f'"upstream": "{chatbot}", "recorder"', 1))
    run(WHOLE, "--chatreel-record", "new_episodes").assert_outcomes(passed=1)
    assert targets(path) == ["/a", "/b", "/health"]


def test_an_addition_with_losses_is_refused(tmp_path):
    old, new = tmp_path / "old.jsonl", tmp_path / "new.jsonl"
    old.write_text(cassette(a="one"))
    new.write_text(
        cassette(b="two") + '{"kind":"loss","exchange":0,"at":9,"reason":"full","records":1,"bytes":2}\n'
    )
    with pytest.raises(CassetteError, match=r"old\.jsonl: what was to be added has losses"):
        append(new, old)
    assert old.read_text() == cassette(a="one")


def test_secrets_are_replaced(run, pytester, chatbot):
    source = WHOLE.replace('"/health"', '"/health?api_key=sesame-0123456789"')
    run(source, "--chatreel-record", "all", "--chatreel-upstream", chatbot).assert_outcomes(passed=1)
    text = (pytester.path / "two.jsonl").read_text()
    assert "api_key=" in text
    assert "sesame" not in text


@pytest.mark.parametrize("mode", ["once", "new_episodes", "all"])
def test_a_sample_is_never_recorded(run, mode):
    source = '@pytest.mark.chatreel("health")\ndef test_it(chatreel): get(chatreel.url + "/health")'
    run(source, "--chatreel-record", mode).assert_outcomes(passed=1)


def test_the_upstream_of_the_command_line_goes_before_the_markers(run, chatbot):
    source = WHOLE.replace('("two.jsonl")', '("two.jsonl", upstream="http://127.0.0.1:1")')
    source = source.replace('get(chatreel.url + "/health")', 'assert get(chatreel.url + "/health").ok')
    run(source, "--chatreel-record", "all", "--chatreel-upstream", chatbot).assert_outcomes(passed=1)


def test_the_mode_can_come_from_the_ini_file(run, pytester, chatbot):
    pytester.makeini("[pytest]\nchatreel_record = once")
    source = HEALTH.replace('.jsonl")', f'.jsonl", upstream="{chatbot}")')
    run(source).assert_outcomes(passed=1)
    assert (pytester.path / "calls" / "health.jsonl").exists()
    (pytester.path / "calls" / "health.jsonl").unlink()
    run(source, "--chatreel-record", "none").assert_outcomes(errors=1)


def test_a_mode_that_is_none_is_refused(run, pytester):
    pytester.makeini("[pytest]\nchatreel_record = often")
    result = run("def test_it(): pass")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: chatreel_record = often: write one of none, once, * in *tox.ini"])


@pytest.mark.parametrize(
    ("arguments", "upstream", "message"),
    [
        ('"two.jsonl"', "", "no live chatbot to record */two.jsonl from: give --chatreel-upstream URL, or *"),
        ('"two.jsonl"', "http://h/path", "--upstream http://h/path: write scheme://host[[]:port], *"),
        ('"two.jsonl", "new.jsonl"', "http://h", "one cassette can be recorded at a time, not two.jsonl, new.jsonl: *"),
        ('"jobb"', "http://h", "*/jobb: a cassette to record is named .jsonl, or .jsonl.zst"),
    ],
)  # fmt: skip
def test_what_cannot_be_recorded_is_said(run, arguments, upstream, message):
    source = f"@pytest.mark.chatreel({arguments})\ndef test_it(chatreel): pass"
    result = run(source, "--chatreel-record", "all", f"--chatreel-upstream={upstream}")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"chatreel: {message}"])


def test_a_recording_of_nothing_does_not_replace_one(run, pytester, chatbot):
    source = '@pytest.mark.chatreel("two.jsonl")\ndef test_it(chatreel): pass'
    result = run(source, "--chatreel-record", "all", "--chatreel-upstream", chatbot)
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(
        ["chatreel: *two.jsonl: nothing was recorded: let the client ask chatreel.url"]
    )
    assert targets(pytester.path / "two.jsonl") == ["/a", "/b"]


def test_a_recording_with_losses_does_not_replace_one(run, pytester, chatbot):
    source = """@pytest.mark.chatreel("two.jsonl")
def test_it(chatreel):
    get(chatreel.url + "/health")
    with open("unfinished-two.jsonl", "r+b") as file:
        while b"/health" not in file.read():
            file.seek(0)
        file.truncate(0)
    get(chatreel.url + "/health")"""
    result = run(source, "--chatreel-record", "all", "--chatreel-upstream", chatbot)
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["chatreel: *two.jsonl: the recording lost * records *"])
    assert targets(pytester.path / "two.jsonl") == ["/a", "/b"]


@pytest.mark.parametrize("processes", [(), ("-p", "xdist", "-n", "2")], ids=["one process", "two processes"])
def test_two_tests_do_not_record_one_cassette(run, pytester, chatbot, processes):
    source = WHOLE + "\n" + WHOLE.replace("test_it", "test_also")
    options = ("--chatreel-record", "all", "--chatreel-upstream", chatbot, *processes)
    result = run(source, *options, subprocess=bool(processes))
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(
        [
            "chatreel: *two.jsonl is recorded by test_it.py::test_* in this run: give each test a cassette of its own"
        ]
    )
    assert targets(pytester.path / "two.jsonl") == ["/health"]


def test_the_help_and_the_readme_have_the_same_options(pytester):
    readme = (Path(__file__).parents[2] / "docs" / "pytest.md").read_text()
    options = set(re.findall(r"--chatreel-[a-z]+", pytester.runpytest_inprocess("--help").stdout.str()))
    assert options == set(re.findall(r"--chatreel-[a-z]+", readme))
