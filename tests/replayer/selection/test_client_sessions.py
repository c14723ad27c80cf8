from __future__ import annotations

import pytest

from replayer.selection.client_sessions import LONGEST_IDLE, ClientSessions


@pytest.fixture
def sessions():
    return ClientSessions(seed=1)


def test_a_session_has_values_of_its_own_for_recorded_ones(sessions):
    one, other = sessions.open(0), sessions.open(0)
    mine, theirs = sessions.token(one, "sess-0001"), sessions.token(other, "sess-0001")
    assert len({"sess-0001", mine, theirs}) == 3
    assert sessions.token(one, "sess-0001") == mine
    assert one.recorded == {mine: "sess-0001"}
    assert sessions.owners([theirs, "sess-0001", mine, theirs]) == [other, one]


def test_recorded_values_belong_to_whom_they_were_given_last():
    sessions = ClientSessions(tokens="recorded")
    one, other = sessions.open(0), sessions.open(0)
    assert sessions.token(one, "sess-0001") == sessions.token(other, "sess-0001") == "sess-0001"
    assert sessions.owners(["sess-0001"]) == [other]
    sessions.token(one, "sess-0001")
    assert sessions.owners(["sess-0001"]) == [one]


def test_a_collision_is_minted_again_and_what_is_too_short_for_that_is_shared(sessions):
    opened = [sessions.open(0) for _ in range(60)]
    tokens = [sessions.token(session, "ab-12") for session in opened]  # 6 * 6 * 10 * 10 of these there are
    assert len(set(tokens)) == len(tokens)
    tokens = [sessions.token(session, "7") for session in opened]  # there are eight others
    assert len(set(tokens)) == 9
    assert tokens.count("7") > 1


@pytest.mark.parametrize("tokens", ["minted", "recorded"])
def test_the_number_of_sessions_is_bounded_and_the_idlest_go_first(tokens):
    sessions = ClientSessions(tokens=tokens, most_sessions=3)
    opened = [sessions.open(now) for now in range(3)]
    values = [sessions.token(session, f"sess-000{n}") for n, session in enumerate(opened)]
    sessions.touch(opened[0], 3)
    sessions.open(4)
    assert [session.number for session in sessions] == [2, 0, 3]
    assert sessions.owners(values) == [opened[0], opened[2]]


def test_idle_sessions_are_forgotten(sessions):
    first, second = sessions.open(0), sessions.open(10)
    value = sessions.token(first, "sess-0001")
    sessions.open(LONGEST_IDLE)
    assert [session.number for session in sessions] == [1, 2]
    assert sessions.owners([value]) == []
    sessions.touch(second, LONGEST_IDLE)
    sessions.open(LONGEST_IDLE + 10)
    assert [session.number for session in sessions] == [2, 1, 3]
    assert len(sessions) == 3


def test_a_forgotten_session_takes_no_token_from_its_next_owner():
    sessions = ClientSessions(tokens="recorded", most_sessions=2)
    one, other = sessions.open(0), sessions.open(1)
    sessions.token(one, "sess-0001")
    sessions.token(other, "sess-0001")
    sessions.open(2)
    assert sessions.owners(["sess-0001"]) == [other]


def test_clear_begins_anew(sessions):
    before = sessions.token(sessions.open(0), "sess-0001")
    sessions.clear()
    assert len(sessions) == 0
    assert sessions.owners([before]) == []
    assert sessions.token(sessions.open(0), "sess-0001") == before


def test_turns_count_with_and_without_cookies_apart(sessions):
    session = sessions.open(0)
    turns = [session.turn(b"a", with_cookies=known) for known in (True, True, False, True)]
    assert turns == [0, 1, 0, 2]
    assert session.requests[b"a"] == 4
