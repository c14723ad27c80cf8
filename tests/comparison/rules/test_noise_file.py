from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comparison.rules.noise import VARIES, Field, Noise
from comparison.rules.noise_file import parse_noise, write_noise
from foundation.errors import UsageError

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
POINTERS = st.lists(TEXT, max_size=3).map(
    lambda steps: "".join(f"/{step.replace('~', '~0').replace('/', '~1')}" for step in steps)
)
FIELDS = st.sampled_from(VARIES).flatmap(
    lambda varies: st.builds(
        Field,
        pointer=POINTERS,
        request=TEXT,
        event=TEXT,
        varies=st.just(varies),
        similarity=st.none() | st.floats(0, 1) if varies == "text" else st.none(),
    )
)


@given(
    st.builds(
        Noise,
        fields=st.lists(FIELDS, max_size=4).map(tuple),
        timing=st.none() | st.floats(1, 1e9),
        heartbeats=st.booleans(),
        states=st.booleans(),
    ),
    TEXT,
)
def test_what_is_written_is_read(noise, note):
    text = write_noise(noise, dict.fromkeys(noise.fields, note))
    assert parse_noise(text, "noise.toml") == noise


def test_what_people_see():
    field = Field(
        pointer="/response", request="POST /api/v1/stream", event="result", varies="text", similarity=0.8
    )
    text = write_noise(Noise(fields=(field,), timing=2.5), {field: "one\n[[field]] | other"})
    assert text.startswith("# What varies")
    assert text.endswith(
        """
heartbeats = false
states = false
timing = 2.5

# one [[field]] | other
[[field]]
pointer = "/response"
request = "POST /api/v1/stream"
event = "result"
varies = "text"
similarity = 0.8
"""
    )


def test_every_way_to_vary_is_explained():
    assert all(f'"{varies}"' in write_noise(Noise()) for varies in VARIES)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a = " + "[" * 5000, "noise.toml: it is nested too deep"),
        ("x", "noise.toml: this is no TOML: "),
        ("color = 1", "noise.toml: Object contains unknown field `color`"),
        ("heartbeats = 1", "noise.toml: Expected `bool`, got `int` - at `heartbeats`"),
        (
            "[[field]]\nvaries = 'value'",
            "noise.toml: Object missing required field `pointer` - at `field[0]`",
        ),
        (
            "[[field]]\npointer = '/a'\nvaries = 'much'",
            "noise.toml: Invalid enum value 'much' - at `field[0].varies`",
        ),
        ("[[field]]\npointer = 'a'", "noise.toml: [[field]] number 1: 'a' is no JSON pointer"),
        ("[[field]]\npointer = '/~2'", "noise.toml: [[field]] number 1: '/~2' is no JSON pointer"),
        (
            "[[field]]\npointer = '/a'\nvaries = 'text'\nsimilarity = 2",
            "noise.toml: [[field]] number 1: similarity",
        ),
        ("[[field]]\npointer = '/a'\nsimilarity = 0.5", "noise.toml: [[field]] number 1: similarity is for"),
        ("timing = 0.5", "noise.toml: timing = 0.5: write how many times as long"),
        ("timing = nan", "noise.toml: timing = nan: write how many times as long"),
    ],
)
def test_what_is_wrong_is_named(text, message):
    with pytest.raises(UsageError) as caught:
        parse_noise(text, "noise.toml")
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)
