from __future__ import annotations

import pytest

from comparison.result import ASPECTS
from comparison.rules.comparison_rules import CHOSEN_HEADERS, STRICT, Tolerance, parse_rules
from foundation.errors import UsageError


def test_unless_asked_all_but_timing_and_deltas():
    assert parse_rules() == STRICT
    assert STRICT.aspects == set(ASPECTS) - {"timing", "deltas"}


@pytest.mark.parametrize(
    ("words", "aspects"),
    [
        (["status"], {"status"}),
        (["status,Ending"], {"status", "ending"}),
        (["-texts"], STRICT.aspects - {"texts"}),
        (["+timing"], STRICT.aspects | {"timing"}),
        (["events", "+values"], {"events", "values"}),
        (["header:Server"], {"headers"}),
    ],
)
def test_aspects(words, aspects):
    assert parse_rules(words).aspects == aspects


@pytest.mark.parametrize(
    ("words", "headers"),
    [
        (["+header:Server"], tuple(sorted((*CHOSEN_HEADERS, "server")))),
        (["-header:Location"], tuple(name for name in CHOSEN_HEADERS if name != "location")),
        (["header:Server"], ("server",)),
        (["headers"], CHOSEN_HEADERS),
    ],
)
def test_headers(words, headers):
    assert parse_rules(words).headers == headers


def test_headers_that_are_switched_off_stay_off():
    assert "headers" not in parse_rules(["-headers"]).aspects


def test_ignored():
    assert parse_rules(ignored=["/a/*/b~1c"]).ignored == (("a", "*", "b/c"),)


def test_tolerances():
    words = ["text=80%", "number=0.05", "heartbeats=2", "timing=3", "floor=250ms"]
    assert parse_rules(tolerances=words).tolerance == Tolerance(
        text=0.8, number=0.05, heartbeats=2, timing=3, floor=250_000
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"words": ["timings"]}, "--compare timings: there is no such thing to compare; did you mean timing"),
        ({"words": ["+"]}, "--compare : there is no such thing to compare; write status, headers"),
        ({"words": ["header:a b"]}, "--compare header:a b: there is no such thing"),
        ({"ignored": ["a"]}, "--ignore a: this is no JSON pointer"),
        ({"tolerances": ["txt=1"]}, "--tolerance txt=1: write text=0.8"),
        ({"tolerances": ["text"]}, "--tolerance text: write text=0.8"),
        ({"tolerances": ["text=x"]}, "--tolerance text=x: this is no number"),
        ({"tolerances": ["text=2"]}, "--tolerance text=2: write a number from 0 to 1"),
        ({"tolerances": ["text=nan"]}, "--tolerance text=nan: write a number from 0 to 1"),
        ({"tolerances": ["timing=0.5"]}, "--tolerance timing=0.5: write a number from 1"),
        ({"tolerances": ["floor=1y"]}, "--tolerance floor=1y: '1y' is no duration; write 250ms"),
    ],
)
def test_what_is_wrong_is_named(arguments, message):
    with pytest.raises(UsageError) as caught:
        parse_rules(**arguments)
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)
