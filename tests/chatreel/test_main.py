from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import click
import pytest

from chatreel import __version__, main
from chatreel.main import COMMANDS, run
from foundation.errors import CassetteError
from tests.cassettes.recorded import HEADER, save, whole
from tests.child import start_child


def chatreel(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    """Run it as a program whose output is buffered, as it is by default."""
    environment = os.environ | {"PYTHONUNBUFFERED": "", "PYTHONIOENCODING": "ascii"}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "env": environment, "text": True}
    return subprocess.run(  # type: ignore[call-overload]  # the options are subprocess.run's
        [sys.executable, "-m", "chatreel", *arguments], check=False, **(pipes | options)
    )


def test_help_imports_nothing_heavy() -> None:
    program = (
        "import sys, chatreel.main as m; code = m.run(['--help']); "
        "sys.exit(code or str({'mitmproxy', 'tornado', 'rich', 'requests'} & set(sys.modules)) != 'set()')"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    words = " ".join(done.stdout.split())
    assert all(f" {name} {line}" in words for name, line in COMMANDS.items())


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("option", ["-h", "--help"])
def test_every_command_has_its_help(name: str, option: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([name, option]) == 0
    output = capsys.readouterr()
    assert output.out.startswith(f"Usage: chatreel {name} ")
    assert "--help" in output.out
    assert output.err == ""


def test_every_module_of_a_command_is_listed() -> None:
    folder = Path(main.__file__).parent / "commands"
    assert {path.stem for path in folder.glob("[!_]*.py")} == set(COMMANDS)


def test_no_argument_is_a_cry_for_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([]) == 0
    assert capsys.readouterr().out.startswith("Usage: chatreel ")


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert capsys.readouterr().out == f"chatreel, version {__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["reply"], "there is no command 'reply': did you mean replay?"),
        (["shw", "x"], "there is no command 'shw': did you mean show?"),
        (["xyzzy"], "there is no command 'xyzzy': chatreel --help lists them all"),
        (["\x1b[2J\n"], "there is no command '\\x1b[2J\\n': chatreel --help lists them all"),
        (["--bogus"], "No such option '--bogus'; chatreel --help shows what it takes"),
        (["show", "--jsn", "x"], "No such option '--jsn'. Did you mean '--json'?"),
    ],
)
def test_an_error_of_use_is_one_line_and_exit_2(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == 2
    output = capsys.readouterr()
    assert (output.out, output.err) == ("", f"chatreel: {message}\n")


@pytest.mark.parametrize(
    ("outcome", "code", "message"),
    [
        (CassetteError("two\nlines \x1b[31m"), 2, "chatreel: two lines \\u001b[31m\n"),
        (click.UsageError("no"), 2, "chatreel: no; chatreel show --help shows what it takes\n"),
        (KeyboardInterrupt(), 130, ""),
        (click.Abort(), 130, ""),
        (click.exceptions.Exit(3), 3, ""),
    ],
)
def test_how_a_command_ends_is_its_exit_code(
    outcome: BaseException,
    code: int,
    message: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    @click.command()
    def failing() -> None:
        raise outcome

    monkeypatch.setattr(main.LazyGroup, "get_command", lambda *_: failing)
    assert run(["show"]) == code
    assert capsys.readouterr().err == message


@pytest.mark.parametrize(("result", "code"), [(None, 0), (1, 1), (130, 130), ("text", 0)])
def test_what_a_command_returns_is_its_exit_code(
    result: object, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(main.LazyGroup, "get_command", lambda *_: click.Command("x", callback=lambda: result))
    assert run(["show"]) == code


def test_the_package_is_a_program() -> None:
    done = chatreel("--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"chatreel, version {__version__}\n", "")


def test_ctrl_c_is_130_and_no_traceback(tmp_path: Path) -> None:
    fifo = tmp_path / "never"
    os.mkfifo(fifo)
    with (
        start_child(sys.executable, "-m", "chatreel", "show", fifo, stdout=None) as process,
        fifo.open("wb"),
    ):  # opened once the command has opened it, so that it runs
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        assert process.stderr.read() == ""
    assert process.returncode == 130


def test_the_first_process_of_a_container_ends_by_sigterm(tmp_path: Path) -> None:
    """The kernel gives such a process no signal that it has no handler for."""
    command = ["unshare", "--user", "--map-root-user", "--pid", "--fork", "--kill-child"]
    if shutil.which("unshare") is None or subprocess.run([*command, "true"], check=False).returncode:
        pytest.skip("this system permits no namespaces")
    fifo = tmp_path / "never"
    os.mkfifo(fifo)
    program = (
        "import os, signal; os.getpid() == 1 or exit('not first'); from chatreel.__main__ import main; main()"
    )
    with (
        start_child(*command, sys.executable, "-c", program, "show", fifo, stdout=None) as outer,
        fifo.open("wb"),
    ):
        [first] = Path(f"/proc/{outer.pid}/task/{outer.pid}/children").read_text().split()
        os.kill(int(first), signal.SIGTERM)
        assert outer.wait(30) == 143


@pytest.mark.parametrize("arguments", [[], ["--help"], ["--version"], ["faults"], ["show", "stream"]])
def test_output_that_nobody_reads_is_no_error(arguments: list[str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = chatreel(*arguments, stdout=writer)
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("closed", "arguments", "code"),
    [
        (">&-", "faults", 0),
        ("<&-", "faults", 0),
        ("2>&-", "reply", 2),
        ("<&- >&- 2>&-", "convert stream --out made.jsonl", 0),
    ],
)
def test_closed_descriptors_end_nothing(tmp_path: Path, closed: str, arguments: str, code: int) -> None:
    """What is printed never gets into a file that has the number of a closed descriptor."""
    command = f"{sys.executable} -m chatreel {arguments} {closed}"
    environment = os.environ | {"PYTHONPATH": str(Path.cwd())}
    done = subprocess.run(
        ["sh", "-c", command], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == code
    assert "Traceback" not in done.stderr
    for made in tmp_path.iterdir():
        assert run(["diff", str(made), "stream"]) == 0


@pytest.mark.parametrize("count", [1, 5000])
def test_a_reader_that_goes_away_is_no_error(tmp_path: Path, count: int) -> None:
    path = save(
        tmp_path / "a.jsonl", [HEADER, *(record for number in range(count) for record in whole(number))]
    )
    reader, writer = os.pipe()
    os.close(reader)
    done = chatreel("show", str(path), stdout=writer)
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, "")


def test_output_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    path = save(tmp_path / "a.jsonl", [HEADER, *whole()])
    with Path("/dev/full").open("wb") as full:
        done = chatreel("show", str(path), stdout=full)
    assert (done.returncode, done.stderr) == (2, "chatreel: [Errno 28] No space left on device\n")


def test_a_terminal_of_ascii_gets_escapes(tmp_path: Path) -> None:
    path = save(tmp_path / "a.jsonl", [HEADER, *whole(data="data: né€\n\n".encode())])
    done = chatreel("show", str(path), "0")
    assert done.returncode == 0
    assert r"n\xe9\u20ac" in done.stdout
