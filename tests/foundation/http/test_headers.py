from __future__ import annotations

import pytest

from foundation.http.headers import first, media_type, values

HEADERS = (("Set-Cookie", "a=1"), ("content-type", "Text/HTML; charset=x"), ("set-cookie", "b=2"))


def test_values_are_found_by_any_case_in_their_order() -> None:
    assert values(HEADERS, "SET-cookie") == ["a=1", "b=2"]
    assert values(HEADERS, "cookie") == []


def test_first_has_a_default() -> None:
    assert first(HEADERS, "Set-Cookie") == "a=1"
    assert first(HEADERS, "Cookie") == ""
    assert first(HEADERS, "Cookie", "none") == "none"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Text/HTML; charset=x", "text/html"),
        ("text/event-stream;", "text/event-stream"),
        (" application/json ", "application/json"),
        (";", ""),
        ("", ""),
    ],
)
def test_a_media_type_has_no_parameters(value: str, expected: str) -> None:
    assert media_type((("Content-Type", value),)) == expected


def test_no_content_type_is_no_media_type() -> None:
    assert media_type(()) == ""
