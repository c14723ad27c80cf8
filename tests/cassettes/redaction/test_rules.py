from __future__ import annotations

import pytest

from cassettes.redaction.rules import (
    NAMED,
    HeaderRule,
    PatternRule,
    PointerRule,
    luhn,
    parse_rule,
    parse_rules,
)
from foundation.errors import UsageError


def test_every_form():
    assert parse_rules(["header:X-Tenant", "pointer:/a~1b/m~0n/0", "regex:sk-[a-z:]+", "email"]) == [
        HeaderRule("x-tenant"),
        PointerRule(("a/b", "m~n", "0")),
        PatternRule(b"sk-[a-z:]+", parse_rule("regex:x").accepts),
        NAMED["email"],
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("emial", "did you mean email?"),
        ("Card", "did you mean card?"),
        ("heder:X-A", "did you mean header:NAME?"),
        ("pointers:/a", "did you mean pointer:/JSON/POINTER?"),
        ("regex", "did you mean regex:PATTERN?"),
        ("email:x", "did you mean email?"),
        ("", "write one of header:NAME"),
        ("iban", "write one of header:NAME"),
        ("header:", "write header:NAME"),
        ("header:X-A: b", "without colon or value"),
        ("pointer:a/b", "write pointer:/a/b"),
        ("pointer:/a~2", "~0 (for ~) and ~1 (for /)"),
        ("regex:(a", "regex:(a: missing )"),
        ("regex:a*", "use + instead of *"),
    ],
)
def test_what_is_no_rule_is_named_with_the_nearest_right_one(text, message):
    with pytest.raises(UsageError) as caught:
        parse_rule(text)
    assert message in str(caught.value)
    assert f"--redact {text}" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("number", "right"),
    [(b"4111 1111 1111 1111", True), (b"4111111111111112", False), (b"378282246310005", True)],
)
def test_luhn(number, right):
    assert luhn(number) is right
