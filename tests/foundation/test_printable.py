from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.printable import LONGEST, one_line


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("GET /a caf\u00e9", "GET /a caf\u00e9"),
        ("a\r\nb\tc", r"a\r\nb\tc"),
        ("\x1b[31mred", r"\x1b[31mred"),
        ("\u202eright to left", r"\u202eright to left"),
    ],
)
def test_what_could_harm_a_terminal_is_escaped(text, shown):
    assert one_line(text) == shown


@given(st.text(max_size=3 * LONGEST))
def test_any_text_is_one_printable_line_of_bounded_length(text):
    assert one_line(text).isprintable()
    assert len(one_line(text)) <= 10 * LONGEST + 3
