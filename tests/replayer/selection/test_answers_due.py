from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from replayer.selection.answers_due import AnswersDue, AnswersOfSession

numbers = st.lists(st.integers(0, 50), unique=True, max_size=6).map(sorted)


@given(st.lists(st.tuples(numbers, st.integers(0, 63)), max_size=5))
def test_answers_are_those_of_all_bound_sessions_in_their_order(sessions):
    answers, seen = AnswersDue(), set()
    expected = {True: [], False: []}
    for found, mask in sessions:
        new = [number for number in found if number not in seen]
        seen.update(new)
        split = {True: [], False: []}
        for place, number in enumerate(new):
            split[bool(mask >> place & 1)].append(number)
            expected[bool(mask >> place & 1)].append(number)
        answers.add(AnswersOfSession(with_cookies=tuple(split[True]), without=tuple(split[False])))
    assert answers.bound == len(sessions)
    assert list(answers.all) == sorted(seen)
    for with_cookies, listed in expected.items():
        assert list(answers.fitting(with_cookies=with_cookies)) == sorted(listed)


def test_clients_of_one_session_share_its_numbers():
    shared = AnswersOfSession(with_cookies=(1, 2), without=())
    one, other = AnswersDue(), AnswersDue()
    one.add(shared)
    other.add(shared)
    assert one.all is other.all
    one.add(AnswersOfSession(with_cookies=(0,), without=(3,)))
    assert (list(one.all), list(other.all)) == ([0, 1, 2, 3], [1, 2])
