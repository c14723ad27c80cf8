"""What a live run could not ask is never the same."""

from __future__ import annotations

from cassettes.model import Exchange
from cassettes.tokens.sessions import RequestTokens, Sessions, find_sessions
from comparison.conversation.recorded_sessions import RecordedSessions
from comparison.live_run import ExchangeResult, LiveRunResult
from comparison.live_run.compare_live import LiveConversations, compare_live, explained
from comparison.result import Difference, Place, SessionComparison, Uncompared
from tests.cassettes.talk import Talk
from tests.comparison.mutants import reminted, sample, with_response, without


def compared(recorded: Talk, live: Talk, result: LiveRunResult) -> list[SessionComparison]:
    sessions = sessions_of(recorded)
    return list(compare_live(RecordedSessions(recorded, sessions), LiveConversations(sessions, live, result)))


def sessions_of(talk: Talk) -> Sessions:
    request_tokens = RequestTokens()
    for one in talk.exchanges:
        request_tokens.add(one.request.url, one.request.headers, one.request.body)
    return find_sessions(talk, request_tokens)


def answered(*live: int) -> ExchangeResult:
    return ExchangeResult(how="answered", live=live)


def test_a_job_that_needed_other_polls_is_the_same():
    job = sample("job")
    live = without(reminted(job), [2])  # a poll less: a state that was not seen is told by the events
    result = LiveRunResult(
        exchanges=(answered(0), answered(1), ExchangeResult(how="job-ended"), answered(2), answered(3))
    )
    [session] = compared(job, live, result)
    assert [(one.aspect, one.change) for one in session.differences] == [("events", "removed")]
    assert session.uncompared == ()
    whole = LiveRunResult(exchanges=tuple(answered(number) for number in range(5)))
    [session] = compared(job, reminted(job), whole)
    assert (session.differences, session.uncompared, session.pairs) == ((), (), ((0, 0),))


def test_what_was_not_asked_could_not_be_compared_and_says_why():
    why = "it needs a token that the live chatbot did not issue where the recorded one did"
    talk = Talk()
    for target in ("/one", "/two"):
        talk.add(target, cookies="sid=sess-0123456789ab", answer={"a": 1})
    talk.exchanges[0] = giving_the_cookie()
    live = without(talk, [1])
    result = LiveRunResult(exchanges=(answered(0), ExchangeResult(how="not-asked", why=why)))
    [session] = compared(talk, live, result)
    assert [(one.why, one.at.exchange, one.live_at.exchange) for one in session.uncompared] == [
        (why, 1, None)
    ]
    assert session.differences == ()


def giving_the_cookie() -> Exchange:
    other = Talk()
    other.add("/one", gives=["sid=sess-0123456789ab"], answer={"a": 1})
    return other.exchange(0)


def test_nothing_asked_at_all():
    result = LiveRunResult(exchanges=(ExchangeResult(how="not-asked", why="no more requests were made"),))
    [session] = compared(sample("stream"), Talk(), result)
    assert [(one.why, one.at.exchange) for one in session.uncompared] == [("no more requests were made", 0)]
    assert session.pairs == ()


def test_what_was_lost_from_the_live_recording_is_told():
    result = LiveRunResult(exchanges=(answered(0),), lost="lost from the live recording: 3 records (9 bytes)")
    first, session = compared(sample("stream"), sample("stream"), result)
    assert [one.why for one in first.uncompared] == [result.lost]
    assert (session.differences, session.uncompared) == ((), ())


def test_a_reason_is_told_once():
    difference = Difference(aspect="ending", change="changed", at=Place(exchange=0))
    gap = Uncompared(why="no live exchange asks this", session=0, at=Place(exchange=1))
    found = SessionComparison(session=0, live_session=0, differences=(difference,), uncompared=(gap,))
    gave_up = [ExchangeResult(how="gave-up", live=(number,), why=f"why {number}") for number in range(3)]
    told = explained(found, [0, 1, 2], LiveRunResult(exchanges=tuple(gave_up)), {})
    assert [(one.why, one.at.exchange, one.live_at.exchange) for one in told.uncompared] == [
        ("why 1", 1, None),
        ("why 2", 2, 2),
    ]


def refused(why: str) -> ExchangeResult:
    return ExchangeResult(how="not-asked", why=why)


def test_polls_that_were_not_made_follow_from_what_the_job_was_answered():
    failed = with_response(without(reminted(sample("job")), [1, 2, 3, 4]), status=500)
    result = LiveRunResult(exchanges=(answered(0), *[refused("no job was issued")] * 4))
    [session] = compared(sample("job"), failed, result)
    assert [(one.aspect, one.at.exchange) for one in session.differences] == [("status", 0)]
    assert session.uncompared == ()


def test_polls_that_were_not_made_are_one_gap():
    live = without(reminted(sample("job")), [1, 2, 3, 4])
    result = LiveRunResult(exchanges=(answered(0), *[refused("the chatbot is gone")] * 4))
    [session] = compared(sample("job"), live, result)
    assert session.differences == ()
    assert [one.at.exchange for one in session.uncompared] == [0]
