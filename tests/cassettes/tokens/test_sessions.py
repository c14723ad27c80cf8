from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cassettes.model import Exchange
from cassettes.tokens.sessions import RequestTokens, Sessions, find_sessions
from foundation.digests import digest
from tests.cassettes.talk import Talk


def sessions(talk: Talk) -> list[list[int]]:
    found = find(talk)
    groups = [list(found.exchanges(number)) for number in range(len(found))]
    assert [found.of[number] for number in range(len(talk))] == [
        next(place for place, group in enumerate(groups) if number in group) for number in range(len(talk))
    ]
    return groups


def find(talk: Talk) -> Sessions:
    request_tokens = RequestTokens()
    for exchange in talk.exchanges:
        request_tokens.add(exchange.request.url, exchange.request.headers, exchange.request.body)
    return find_sessions(talk, request_tokens)


def conversation(client: int, *, cookies: bool = True, polls: int = 2) -> list[Exchange]:
    """A question, a job that is polled, and a load balancer's cookie that changes on every response."""
    talk, session = Talk(), f"s=sess-{client:04}"

    def lb(turn: int) -> str:
        return f"lb=worker-{client:04}-{turn}"

    job = f"job_{client:04}"
    talk.add(
        "/chat", body={"query": "the same"}, gives=[session, lb(0)] if cookies else [], answer={"job_id": job}
    )
    for poll in range(polls):
        talk.add(
            f"/jobs/{job}",
            cookies=f"{session}; {lb(poll)}" if cookies else "",
            gives=[lb(poll + 1)] if cookies else [],
            answer={"job_id": job, "status": "running", "progress": 50},
        )
    return talk.exchanges


@given(st.lists(st.integers(0, 3), min_size=1, max_size=30), st.booleans())
def test_interleaved_conversations_come_apart_however_they_are_mixed(order: list[int], cookies: bool) -> None:
    waiting = {client: conversation(client, cookies=cookies) for client in range(4)}
    mixed, expected = Talk(), {}
    for client in [*order, 0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3]:
        if waiting[client]:
            expected.setdefault(client, []).append(len(mixed))
            mixed.exchanges.append(waiting[client].pop(0))
    assert sessions(mixed) == sorted(expected.values())


def test_nothing_ties_lone_exchanges() -> None:
    talk = Talk()
    for _ in range(3):
        talk.add("/health", answer={"status": "healthy", "progress": 50})
    assert sessions(talk) == [[0], [1], [2]]


def test_nothing_is_read_when_no_request_can_carry_a_token() -> None:
    class Unread(Talk):
        def exchange(self, number: int) -> Exchange:
            raise AssertionError("read")

    talk = Unread()
    talk.add("/chat", body={"query": "hi"}, gives=["s=sess-0001"])
    assert sessions(talk) == [[0]]


def test_an_empty_recording_has_no_sessions() -> None:
    assert sessions(Talk()) == []


def test_what_clients_bring_ties_nobody() -> None:
    talk = Talk()
    for client in "AB":
        talk.add("/assistants/asst_77aa/chat", body={"model": "gpt-4o-mini"},
                 gives=[f"s=sess-{client}001"], answer={"model": "gpt-4o-mini", "assistant": "asst_77aa"})  # fmt: skip
    talk.add("/x", cookies="s=sess-A001", body={"model": "gpt-4o-mini"})
    assert sessions(talk) == [[0, 2], [1]]


def test_what_the_server_gives_everybody_ties_nobody_and_is_no_token() -> None:
    talk = Talk()
    for client in "ABC":
        talk.add(
            "/models",
            gives=[f"s=sess-{client}001", "pool=worker-0001"],
            answer={"models": [{"id": "bot-2024"}]},
        )
    for client in "CAB":
        talk.add("/chat", cookies=f"s=sess-{client}001; pool=worker-0001", body={"model": "bot-2024"})
    assert sessions(talk) == [[0, 4], [1, 5], [2, 3]]
    assert find(talk).public == {digest("worker-0001"), digest("bot-2024")}


def test_a_value_that_one_client_gets_twice_is_its_own_all_the_same() -> None:
    talk = Talk()
    talk.add("/chat", gives=["s=sess-0001"], answer={"job_id": "job_0001"})
    for _ in range(2):
        talk.add("/mine", cookies="s=sess-0001", answer={"jobs": ["job_0001"]})
    talk.add("/chat", answer={"job_id": "job_0001"}, cookies="s=sess-0001")
    talk.add("/jobs/job_0001")
    assert sessions(talk) == [[0, 1, 2, 3, 4]]
    assert find(talk).public == frozenset()


def test_a_listing_of_all_jobs_merges_no_sessions() -> None:
    talk = Talk(conversation(0, polls=1) + conversation(1, polls=1))
    talk.exchanges.insert(3, listing())
    talk.add("/jobs/job_0000", cookies="s=sess-0000")
    assert sessions(talk) == [[0, 1, 5], [2, 4], [3]]


def listing() -> Exchange:
    talk = Talk()
    talk.add(
        "/jobs", answer={"jobs": [{"job_id": f"job_{n:04}", "session_id": f"sess-{n:04}"} for n in range(2)]}
    )
    return talk.exchanges[0]


def test_a_poll_with_anothers_cookies_merges_no_sessions() -> None:
    talk = Talk(conversation(0, polls=1) + conversation(1, polls=1))
    talk.add("/jobs/job_0000", cookies="s=sess-0001")
    assert sessions(talk) == [[0, 1], [2, 3, 4]]


def test_a_poll_that_lost_its_cookies_belongs_to_its_job() -> None:
    talk = Talk(conversation(0, polls=1) + conversation(1, polls=1))
    talk.add("/jobs/job_0001")
    assert sessions(talk) == [[0, 1], [2, 3, 4]]


def test_a_session_goes_on_when_its_cookie_is_replaced_at_login() -> None:
    talk = Talk()
    talk.add("/a", gives=["s=guest-0001"])
    talk.add("/login", cookies="s=guest-0001", gives=["s=user-00001"])
    talk.add("/b", cookies="s=user-00001")
    assert sessions(talk) == [[0, 1, 2]]


def test_carriers_keep_what_each_request_sends() -> None:
    request_tokens = RequestTokens()
    for url in ("http://h/all", "http://h/jobs/job_ab12?id=job_cd34", "http://h/a", "http://h/jobs/job_ab12"):
        request_tokens.add(url, (), b"")
    sent = [
        {"job_ab12", "job_cd34"} if number == 1 else {"job_ab12"} if number == 3 else set()
        for number in range(5)
    ]
    assert [request_tokens.sent(number) for number in range(5)] == [
        frozenset(map(digest, values)) for values in sent
    ]
    assert request_tokens.all() == {digest("job_ab12"), digest("job_cd34")}
