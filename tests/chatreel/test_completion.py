"""Completion in a shell: the scripts, and what they are answered."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from chatreel.cli.completion import SHELLS
from chatreel.main import run


@pytest.mark.parametrize("shell", SHELLS)
def test_each_shell_has_its_script(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["completion", shell]) == 0
    script = capsys.readouterr().out
    assert f"_CHATREEL_COMPLETE={shell}_complete" in script
    if program := shutil.which(shell):
        subprocess.run([program, "-n"], input=script, text=True, check=True)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("re", ["plain,record", "plain,replay", "plain,redact"]),
        ("replay --on", ["plain,--on-miss"]),
        ("replay --on-miss f", ["plain,forward"]),
        ("replay st", ["plain,stream", "file,st"]),
        ("show no-such-sam", ["file,no-such-sam"]),
        ("replay --fault forget-j", ["plain,forget-job"]),
        ("record --ou", ["plain,--out"]),
        ("--vers", ["plain,--version"]),
    ],
)
def test_what_a_shell_is_answered(
    words: str, found: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["chatreel", *words.split()]
    monkeypatch.setenv("_CHATREEL_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", " ".join(asked))
    monkeypatch.setenv("COMP_CWORD", str(len(asked) - 1))
    assert run([]) == 0
    assert capsys.readouterr().out.split() == found


@pytest.mark.skipif(not shutil.which("bash"), reason="there is no bash here")
def test_bash_completes_with_the_script() -> None:
    """In a real bash, which calls the program by its name."""
    session = """
    eval "$(chatreel completion bash)"
    COMP_WORDS=(chatreel conv) COMP_CWORD=1
    _chatreel_completion chatreel
    echo "${COMPREPLY[@]}"
    """
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "--norc", "-c", session],
        env=os.environ | {"PATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["convert"]


def test_completing_commands_imports_none_of_them() -> None:
    program = (
        "import os, sys, chatreel.main as m;"
        "os.environ.update(_CHATREEL_COMPLETE='bash_complete', COMP_WORDS='chatreel r', COMP_CWORD='1');"
        "m.run([]); sys.exit(any(name.startswith('chatreel.commands.') for name in sys.modules))"
    )
    subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)
