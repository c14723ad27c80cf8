from __future__ import annotations

import json
import logging

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chatreel.cli.stderr import log_to_stderr
from foundation.printable import printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain ünïcode → ✅ ⚠️", "plain ünïcode → ✅ ⚠️"),
        ("\x1b[2J", r"\u001b[2J"),
        ("\x9b2J", r"\u009b2J"),
        ("a\r\nb", r"a\r\nb"),
        ("\u202egnp.exe", r"\u202egnp.exe"),
        ("\ud800", r"\ud800"),
    ],
)
def test_what_is_not_printable_is_escaped(text: str, shown: str) -> None:
    assert printable(text) == shown


@settings(
    suppress_health_check=[HealthCheck.too_slow]
)  # the first text ever builds a table of all characters
@given(st.text())
def test_the_result_is_printable_and_json_knows_the_escapes(text: str) -> None:
    shown = printable(json.dumps(text, ensure_ascii=False))
    assert shown.isprintable()
    assert json.loads(shown) == text


def test_a_log_line_is_one_printable_line(capsys: pytest.CaptureFixture[str]) -> None:
    with log_to_stderr("a.test"):
        logging.getLogger("a.test").info("one\n\x1b[2Jtwo")
        logging.getLogger("a.test").debug("not asked for")
        logging.getLogger("another").warning("a warning")
        logging.getLogger("another").info("of no interest")
    logging.getLogger("a.test").warning("after")
    assert capsys.readouterr().err == "one\\n\\u001b[2Jtwo\na warning\n"
