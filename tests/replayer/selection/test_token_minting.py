from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cassettes.tokens.finder import SPELLINGS, TokenFinder
from replayer.selection.token_minting import mint
from tests.cassettes.talk import JWT, SIGNED

UUID = "550e8400-e29b-41d4-a716-446655440000"
ALB = "uZkW7Fz+Ab/3vQ9Lw0Xy5TgHj2Kd8Rm1Nc4Pb6Se=="


def minted(value, seed=0, session=0, attempt=0):
    return mint(value, seed=seed, session=session, attempt=attempt)


@pytest.mark.parametrize(
    ("recorded", "form"),
    [
        ("job_ab12cd34", r"job_[a-f]{2}\d\d[a-f]{2}\d\d"),
        ("job-xyz123", r"job-[a-z]{3}\d{3}"),
        (UUID, r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
        ("1234567", r"[1-9]\d{6}"),
        (ALB, r"[A-Za-z0-9]{7}\+[A-Za-z]{2}/[A-Za-z0-9]+=="),
        (JWT, r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+"),
        ("%7Bab12cd%7D", r"%7B[a-f]{2}\d\d[a-f]{2}%7D"),
    ],
)
def test_shape_and_length_stay(recorded, form):
    made = minted(recorded)
    assert re.fullmatch(form, made)
    assert len(made) == len(recorded)
    assert made != recorded


shapes = st.from_regex(r"[A-Za-z0-9]{8,40}([+/=._-]{0,2}[A-Za-z0-9]{4,20}){0,3}={0,2}", fullmatch=True)


@given(shapes, st.integers(), st.integers(0, 10**6))
def test_what_is_minted_is_of_the_same_kinds_and_repeatable(recorded, seed, session):
    def kinds(text):
        return [(c.isdigit(), c.isupper(), c.islower(), c if not c.isalnum() else "") for c in text]

    made = minted(recorded, seed, session)
    assert made == minted(recorded, seed, session)
    assert kinds(made) == kinds(recorded)


@pytest.mark.parametrize("recorded", ["job_ab12cd34", UUID, ALB, JWT, SIGNED, "123456789012"])
def test_sessions_seeds_and_attempts_get_values_of_their_own(recorded):
    made = [
        minted(recorded, seed, session, attempt)
        for seed in range(3)
        for session in range(50)
        for attempt in (0, 1)
    ]
    assert len(set(made)) == len(made)
    assert recorded not in made


@pytest.mark.parametrize(
    ("text", "replaced"),
    [
        (b"job_ab12", b"JOB_XY34"),
        (b'{"job_id": "job_ab12", "url": "/jobs/job_ab12?x"}', b'{"job_id": "JOB_XY34", "url": "/jobs/JOB_XY34?x"}'),
        (b"next=%2Fjobs%2Fjob_ab12", b"next=%2Fjobs%2FJOB_XY34"),
        (rb'"a\njob_ab12\tb"', rb'"a\nJOB_XY34\tb"'),
        (rb'"\u00e9job_ab12"', rb'"\u00e9JOB_XY34"'),
        ("é job_ab12".encode(), "é JOB_XY34".encode()),
        (b"job_ab12job_ab12 xjob_ab12 job_ab123 1job_ab12", None),
        (b"job_ab1", None),
        (b"-job_ab12-job_ab12.", b"-JOB_XY34-JOB_XY34."),
        (b'"id":123456,', b'"id":987654,'),
        (b"1234567 0.123456 123456.5 123456e3 a123456", None),
        (b"[123456, 123456]. 123456.", b"[987654, 987654]. 987654."),
        (b"a/b+c=1 a%2Fb%2Bc%3D1 a\\/b+c=1", b"z/y+x=2 z%2Fy%2Bx%3D2 z\\/y+x=2"),
        (b"a/b\\u002bc\\u003d1", b"z/y\\u002bx\\u003d2"),
        (b"", None),
    ],
)  # fmt: skip
def test_values_are_found_where_they_stand_for_themselves(text, replaced):
    new = {"job_ab12": "JOB_XY34", "123456": "987654", "a/b+c=1": "z/y+x=2"}
    assert TokenFinder(new).replace(text, new.__getitem__) == (text if replaced is None else replaced)


def test_the_longest_value_counts():
    new = {"token-1": "TOKEN-9", "token-1-and-more": "ANOTHER-ONE-HERE"}
    assert (
        TokenFinder(new).replace(b"token-1-and-more token-1", new.__getitem__) == b"ANOTHER-ONE-HERE TOKEN-9"
    )


def test_a_finder_of_nothing_changes_nothing():
    assert TokenFinder(()).replace(b"anything", str.upper) == b"anything"


@given(
    st.lists(shapes, min_size=1, max_size=4, unique=True),
    st.lists(st.sampled_from([" ", '"', "/", "é", ", "])),
    st.sampled_from(SPELLINGS),
)
def test_the_length_stays_and_the_way_back_leads_back(values, between, spell):
    live = {value: minted(value) for value in values}
    text = "|".join([*between, *(f'"{spell(value)}"' for value in values)]).encode()
    replaced = TokenFinder(values).replace(text, live.__getitem__)
    assert len(replaced) == len(text)
    recorded = {new: old for old, new in live.items()}
    if len(recorded) == len(values):
        assert TokenFinder(recorded).replace(replaced, recorded.__getitem__) == text
