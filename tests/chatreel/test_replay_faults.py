"""The faults of `chatreel replay`: its options, its help, and what is wrong with them."""

from __future__ import annotations

import pytest

from chatreel.commands import replay as command
from chatreel.main import run

BROKEN = """
[[faults]]
fault = "delay"
time = "1s"

[[faults]]
fault = "reset"
after-event = 3
"""


@pytest.fixture
def settings(monkeypatch):
    """The settings that a command line makes, in place of a server that runs."""
    made = []

    async def serve(server):
        assert server is None

    monkeypatch.setattr(command, "serve", serve)
    monkeypatch.setattr(command, "replaying", lambda _paths, settings, **_: made.append(settings))

    def settings(*arguments):
        assert run(["replay", *map(str, arguments)]) == 0
        return made.pop()

    return settings


def test_the_plan_is_the_file_and_then_the_single_faults(settings, tmp_path):
    path = tmp_path / "plan.toml"
    path.write_text('[[faults]]\nfault = "reset"\nafter-events = 3\n')
    found = settings("job", "--fault", "refuse first=1", "--faults", path, "--fault", "empty", "--seed", 7)
    assert found.options.plan.lines == ["reset after-events=3", "refuse first=1", "empty"]
    assert (found.options.plan.seed, found.options.seed, found.options.fault_header) == (7, 7, False)


def test_the_header_is_asked_for(settings, capsys):
    assert settings("job", "--allow-fault-header").options.fault_header
    assert capsys.readouterr().err == ""
    assert settings("job", "--allow-fault-header", "--listen", "0.0.0.0:0").options.fault_header
    assert capsys.readouterr().err.startswith(
        "chatreel: warning: --allow-fault-header lets whoever reaches --listen"
    )


def test_the_help_says_where_the_faults_are(capsys):
    assert run(["replay", "--help"]) == 0
    assert "`chatreel faults` lists all" in capsys.readouterr().out


PROXY = ["--on-miss", "forward", "--upstream", "http://127.0.0.1:1"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["--fault", "rest"],
            "there is no fault 'rest', did you mean 'reset'?; `chatreel faults` lists them all",
        ),
        (["--fault", "reset after=x"], "fault reset: after: "),
        (
            ["--fault", "reset after-event=3"],
            "fault reset has no 'after-event', did you mean 'after-events'?",
        ),
        (["--fault", "status"], "fault status needs code=STATUS, as in: status code=503"),
        (["--fault", ""], "there is no fault ''"),
        (["--faults", "none.toml"], "none.toml: No such file or directory"),
        (
            ["--faults", "broken.toml"],
            "broken.toml: [[faults]] 2: fault reset has no 'after-event', did you mean",
        ),
        (["--faults", "torn.toml"], "torn.toml: "),
        (["--fault-module", "none.py"], "--fault-module none.py: "),
        (["--fault-module", "no.such.module"], "--fault-module no.such.module: No module named 'no'"),
        (["--fault-module", "json"], "--fault-module json: it defines no fault; derive one from"),
        (["--fault-module", "raises.py"], "raises.py, line 2: ZeroDivisionError: division by zero"),
        (["--fault-module", "syntax.py"], "--fault-module syntax.py: "),
        (
            [*PROXY, "--fault", "truncate fraction=0.5"],
            "fraction= needs a recorded answer; name the FILE of one",
        ),
        ([*PROXY, "--fault", "reset exchange=1"], "exchange= needs a recorded answer"),
        ([*PROXY, "--fault", "swap-session"], "swap-session needs a recorded answer"),
    ],
)
def test_a_mistake_is_one_line(tmp_path, monkeypatch, capsys, arguments, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "broken.toml").write_text(BROKEN)
    (tmp_path / "torn.toml").write_text("[[faults\n")
    (tmp_path / "raises.py").write_text("x = 0\ny = 1 / x\n")
    (tmp_path / "syntax.py").write_text("def\n")
    assert run(["replay", "--listen", "127.0.0.1:0", "--admin", "off", *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("chatreel: ")
    assert err.count("\n") == 1
    assert message in err


def test_with_a_recording_a_proxy_takes_all_faults(settings):
    assert settings("job", *PROXY, "--fault", "truncate fraction=0.5").options.plan.faults
