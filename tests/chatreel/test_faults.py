"""`chatreel faults`: the list, one fault, and what some do to a recorded answer."""

from __future__ import annotations

import inspect
import json
from pathlib import Path

import pytest

from chatreel.main import run
from chatreel.output.fault_help import own_parameters
from replayer.faults.language.declared_parameters import parameters
from replayer.faults.language.registry import FAMILIES, FAULTS, family

OWN = Path(__file__).parent.parent.parent / "examples" / "shout.py"


@pytest.fixture
def ask(capsys):
    """Runs `chatreel faults`; what it prints."""

    def ask(*arguments):
        assert run(["faults", *map(str, arguments)]) == 0
        return capsys.readouterr().out

    return ask


def came(name):
    """Whether a fault comes with Chatreel."""
    return family(FAULTS[name]) in FAMILIES.values()


def test_the_list_has_every_fault_by_family(ask):
    lines = ask().splitlines()
    titles = [line.removesuffix(":") for line in lines if line.endswith(":") and not line.startswith(" ")]
    assert titles[: len(FAMILIES)] == [title.capitalize() for title in FAMILIES.values()]
    for name, fault in FAULTS.items():
        [place] = [number for number, line in enumerate(lines) if line.startswith(f"  {name} ")]
        assert inspect.getdoc(fault).partition("\n")[0] in lines[place]
        assert lines[place + 1].strip() == fault.example


@pytest.mark.parametrize("name", sorted(filter(came, FAULTS)))
def test_a_fault_is_told(ask, name):
    fault = FAULTS[name]
    page = ask(name)
    assert page.startswith(f"{name}, {family(fault)}:\n  ")
    assert f"\n  {fault.example}\n" in page
    words = page.split()
    for parameter in parameters(fault).values():
        assert (f"{parameter.name}={parameter.kind.name}" if parameter.kind.name else parameter.name) in words
        assert " ".join(parameter.help.split()) in " ".join(words)


def test_the_same_for_a_program(ask):
    found = [json.loads(line) for line in ask("--json").splitlines()]
    assert [fault["name"] for fault in found] == list(FAULTS)
    status = json.loads(ask("status", "--json"))
    assert status == next(fault for fault in found if fault["name"] == "status")
    assert (status["family"], status["counts"]) == ("before the answer", "requests")
    assert status["parameters"][0] == {
        "name": "code", "kind": "STATUS", "help": "the status", "needed": True, "default": None,
    }  # fmt: skip
    assert [limit["name"] for limit in status["limits"]][:3] == ["method", "path", "query"]
    assert status["limits"][-1]["name"] == "for"


def test_a_default_is_written_as_it_is_given(ask):
    [status] = [one for one in own_parameters(FAULTS["expire-session"]) if one.name == "status"]
    told = {one["name"]: one["default"] for one in json.loads(ask("expire-session", "--json"))["parameters"]}
    assert told["status"] == status.default == "401"
    assert "[default: 401]" in ask("expire-session")


@pytest.mark.parametrize("order", [("shout", "--fault-module", OWN), ("--fault-module", OWN, "shout")])
def test_a_fault_of_ones_own(ask, order):
    assert ask(*order).startswith("shout, your own:\n")


def test_what_changes_is_marked(ask):
    rows = [line.split("\t") for line in ask(
        "explain", "stream", 0, "--fault", "stall after-events=2 time=2s", "--fault", "reset after-events=3"
    ).splitlines()]  # fmt: skip
    assert rows[0] == ["before", "after", "", "what", "data"]
    assert [row[2:4] for row in rows[1:] if row[3] != "header"] == [
        ["", "head"],
        ["", "progress"],
        ["", "progress"],
        ["moved", "progress"],
        ["gone", "progress"],
        ["gone", "result"],
        ["gone", "complete"],
        ["gone", "end"],
        ["new", "end"],
    ]
    assert (rows[-1][0], rows[-1][-1]) == ("-", "reset")
    assert all("\n" not in cell and len(cell) <= 101 for row in rows for cell in row)


def test_what_differs_late_in_a_part_is_shown(ask):
    page = ask("explain", "stream", 0, "--fault", "edit-event pointer=/progress set=250 nth=2 type=progress")
    gone, new = [line.split("\t")[2:] for line in page.splitlines() if line.count("\t-\t") or line[0] == "-"]
    assert [gone[:2], new[:2]] == [["gone", "progress"], ["new", "progress"]]
    assert (gone[2][0], '"progress": 25,' in gone[2], '"progress": 250,' in new[2]) == ("…", True, True)


def test_a_terminal_shows_a_table(capsys, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "90")
    assert run(["faults", "explain", "stream", "0", "--fault", "reset after-events=1"]) == 0
    lines = capsys.readouterr().out.splitlines()
    gone, new = [[line for line in lines if line.startswith(f"\x1b[{colour}m")] for colour in (31, 32)]
    assert ["gone" in line for line in gone] == [True] * 6
    assert ["new" in line for line in new] == [True]


def test_an_explanation_for_a_program(ask):
    found = json.loads(ask("explain", "job", 2, "--fault", "forget-job from-poll=2", "--json"))
    assert (found["exchange"], found["faults"]) == (2, ["forget-job from-poll=2"])
    assert {"change": "new", "before": None, "after": 1459, "what": "head", "data": "404 Not Found"} in found[
        "parts"
    ]
    assert [part["change"] for part in found["parts"] if part["what"] == "body"] == ["gone", "new"]


def test_a_plan_speed_and_seed(ask, tmp_path, capsys):
    plan = tmp_path / "plan.toml"
    plan.write_text('[[faults]]\nfault = "delay"\ntime = "1s"\n')
    found = json.loads(
        ask("explain", "job", 1, "--faults", plan, "--fault", "reset", "--speed", "max", "--json")
    )
    assert found["faults"] == ["delay time=1s", "reset"]
    assert {part["before"] for part in found["parts"]} == {0, None}
    assert {part["after"] for part in found["parts"]} == {1_000_000, None}
    hits = []
    for seed in range(8):
        arguments = ("explain", "job", 1, "--fault", "reset probability=0.5", "--seed", seed, "--json")
        hits.append(bool(json.loads(ask(*arguments))["faults"]))
    assert set(hits) == {False, True}


def test_a_fault_that_does_not_hit_is_said(capsys):
    assert run(["faults", "explain", "job", "1", "--fault", "forget-job from-poll=2"]) == 0
    out, err = capsys.readouterr()
    assert err == "chatreel: this changes nothing here: forget-job from-poll=2\n"
    assert "gone" not in out


def test_what_was_recorded_cannot_move_the_cursor(ask, tmp_path):
    path = tmp_path / "bad.jsonl"
    path.write_text(
        '{"chatreel":1,"created":"2026-11-22T12:00:00.000000Z","recorder":"test"}\n'
        '{"kind":"request","exchange":0,"at":0,"method":"GET","url":"http://bot/s","http":"1.1","headers":[]}\n'
        '{"kind":"response","exchange":0,"at":1,"status":200,"reason":"OK","headers":[]}\n'
        '{"kind":"chunk","exchange":0,"at":1,"data":"\\u001b[2J"}\n'
        '{"kind":"end","exchange":0,"at":1,"how":"complete"}\n'
    )
    page = ask("explain", path, 0, "--fault", "reset")
    assert "\x1b" not in page
    assert r"\u001b[2J" in page


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["rest"], "there is no fault 'rest', did you mean 'reset'?; `chatreel faults` lists them all"),
        (["--json", "reset"], "write --json behind reset"),
        (["explain", "job", "1"], "there is nothing to explain: give a --fault, or some by --faults FILE"),
        (
            ["explain", "job", "5", "--fault", "reset"],
            "job.jsonl has 5 exchanges, counted from 0: there is no 5",
        ),
        (["explain", "jab", "1", "--fault", "reset"], "jab: there is no such file and no such sample"),
        (
            ["explain", "job", "1", "--fault", "delay tme=1s"],
            "fault delay has no 'tme', did you mean 'time'?",
        ),
    ],
)
def test_a_mistake_is_one_line(capsys, arguments, message):
    assert run(["faults", *arguments]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert message in err
