"""`chatreel addon`: the path of a script for `mitmdump -s`."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatreel.main import run


@pytest.mark.parametrize("name", ["record", "diff"])
def test_it_prints_the_path_of_the_script(capsys, name):
    assert run(["addon", name]) == 0
    printed = capsys.readouterr()
    path = Path(printed.out.removesuffix("\n"))
    assert (path.is_absolute(), path.is_file(), path.name) == (True, True, f"{name}.py")
    assert printed.err == ""


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [(["replay"], "'replay' is not one of 'diff', 'record'"), ([], "Missing argument")],
)
def test_another_name_is_refused_in_a_line(capsys, arguments, reason):
    assert run(["addon", *arguments]) == 2
    printed = capsys.readouterr()
    assert reason in printed.err
    assert (printed.out, len(printed.err.splitlines())) == ("", 1)
