from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comparison.alignment.pairing import pair_equal, pair_sessions


@pytest.mark.parametrize(
    ("recorded", "live", "pairs"),
    [
        ("", "", []),
        ("ab", "ab", [(0, 0), (1, 1)]),
        ("ab", "ba", [(0, 1), (1, 0)]),
        ("aab", "ab", [(0, 0), (1, None), (2, 1)]),
        ("ab", "aab", [(0, 0), (1, 2), (None, 1)]),
        ("ab", "c", [(0, None), (1, None), (None, 0)]),
    ],
)
def test_the_nth_same_belongs_to_the_nth(recorded, live, pairs):
    assert pair_equal(recorded, live) == pairs


def sessions(*asked):
    return [tuple(char.encode() for char in one) for one in asked]


@pytest.mark.parametrize(
    ("recorded", "live", "pairs"),
    [
        (["ab", "c"], ["c", "ab"], [(0, 1), (1, 0)]),
        (["ab", "ab"], ["ab", "ab"], [(0, 0), (1, 1)]),
        (["abc"], ["xa", "abd"], [(0, 1), (None, 0)]),
        (["ab", "abc"], ["ab"], [(0, 0), (1, None)]),
        (["ab"], ["c"], [(0, None), (None, 0)]),
        (["abc", "ab"], ["ab", "bc"], [(0, 1), (1, 0)]),
    ],
)
def test_sessions_that_ask_the_same_then_those_that_share_the_most(recorded, live, pairs):
    assert pair_sessions(sessions(*recorded), sessions(*live)) == pairs


@given(st.lists(st.text("abc", max_size=3)), st.lists(st.text("abc", max_size=3)))
def test_each_session_is_in_one_pair(recorded, live):
    pairs = pair_sessions(sessions(*recorded), sessions(*live))
    assert [one for one, _ in pairs if one is not None] == list(range(len(recorded)))
    assert sorted(other for _, other in pairs if other is not None) == list(range(len(live)))
