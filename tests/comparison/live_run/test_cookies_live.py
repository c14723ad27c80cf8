"""Which cookies and credentials a live request has: those that the live chatbot set, and a person's own."""

from __future__ import annotations

import pytest

from comparison.live_run import Credentials
from tests.cassettes.talk import Talk
from tests.comparison.live_run.bot import Received, reply

STAND_IN = "the live chatbot has not set it; --cookie {0}=VALUE gives one"


def sets(*cookies_of_each: list[str]):
    """A bot that sets these cookies with its first, second... answer."""
    left = list(cookies_of_each)
    return lambda _: reply({}, *(left.pop(0) if left else []))


def sent(bot) -> list[str]:
    return [request.header("cookie") for request in bot.received]


def recorded_jar(*steps: tuple[str, list[str]]) -> Talk:
    """Exchanges of one client, each with the cookies that it sent and those that it got."""
    talk = Talk()
    for cookies, gives in steps:
        talk.add("/a", cookies=cookies, gives=gives, answer={})
    return talk


ONE = recorded_jar(("", ["s=sess-000001"]), ("s=sess-000001", []), ("s=sess-000001", []))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([["s=live-1; Path=/"]], ["", "s=live-1", "s=live-1"]),
        ([["s=live-1; Path=/"], ["s=live-2; Path=/"]], ["", "s=live-1", "s=live-2"]),
        ([["s=live-1; Path=/"], ["s=; Path=/; Max-Age=0"]], ["", "s=live-1", ""]),
        ([["s=1; Path=/"], ["s=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT"]], ["", "s=1", ""]),
        ([["n=new; Path=/", "s=live-1; Path=/"]], ["", "s=live-1; n=new", "s=live-1; n=new"]),
        ([["s=live-1; Path=/elsewhere"]], ["", "", ""]),
        ([["s=live-1; Domain=bot.example; Secure; Path=/"]], ["", "s=live-1", "s=live-1"]),
        ([["n=new; Secure; Path=/"]], ["", "", ""]),
        ([[]], ["", "", ""]),
    ],
)
def test_cookies_are_those_of_the_live_chatbot(live, given, expected):
    _, bot = live(ONE, sets(*given))
    assert sent(bot) == expected


def test_a_cookie_that_the_live_chatbot_did_not_set_is_missed(live):
    done, bot = live(ONE, sets())
    assert [one.notes for one in done.result.exchanges] == [
        (), *[(f"cookie s is not sent: {STAND_IN.format('s')}",)] * 2
    ]  # fmt: skip
    assert done.hows == ["answered"] * 3
    assert not any("sess-000001" in str(request) for request in bot.received)


def test_a_cookie_from_before_the_recording_is_a_stand_in(live):
    talk = recorded_jar(("theme=dark; login=abcdef123456", []))
    done, bot = live(talk, sets())
    assert sent(bot) == [""]
    assert len(done.result.exchanges[0].notes) == 2


def test_what_a_client_withheld_is_withheld(live):
    talk = recorded_jar(
        ("", ["s=sess-000001", "lb=worker-0001"]),
        ("s=sess-000001", ["lb=worker-0002"]),
        ("s=sess-000001", []),
    )
    _, bot = live(talk, sets(["s=live-1; Path=/", "lb=live-2; Path=/", "n=new; Path=/"]))
    assert sent(bot) == ["", "s=live-1; n=new", "s=live-1; n=new"]


def test_a_client_that_lost_all_cookies_has_no_new_ones(live):
    talk = Talk()
    talk.add("/a", gives=["s=sess-000001"], answer={"chat": "chat-000001"})
    for cookies in ("s=sess-000001", ""):
        talk.add("/a/chat-000001", cookies=cookies, answer={})
    _, bot = live(talk, lambda _: reply({"chat": "chat-live-1"}, "s=live-1; Path=/", "n=new; Path=/"))
    assert sent(bot) == ["", "s=live-1; n=new", ""]


def test_sessions_do_not_share_cookies(live):
    talk = recorded_jar(
        *[("", ["s=sess-000001"]), ("s=sess-000001", [])], *[("", ["s=sess-000002"]), ("s=sess-000002", [])]
    )
    count = iter(range(9))

    def answer(request: Received) -> bytes:
        return reply({}, *([] if request.cookies else [f"s=live-{next(count)}; Path=/"]))

    _, bot = live(talk, answer, concurrency=1)
    assert sent(bot) == ["", "s=live-0", "", "s=live-1"]


def test_own_cookies_go_with_every_request_until_they_are_renewed(live):
    login = "login=redacted-000001"
    talk = recorded_jar((login, ["s=sess-000001"]), *[(f"{login}; s=sess-000001", [])] * 2)
    own = Credentials(cookies=[("login", "own-secret"), ("more", "own-too")])
    done, bot = live(talk, sets(["s=1; Path=/"], ["login=renewed; Path=/"]), credentials=own)
    assert sent(bot) == [
        "login=own-secret; more=own-too",
        "login=own-secret; s=1; more=own-too",
        "login=renewed; s=1; more=own-too",
    ]
    assert not any(one.notes for one in done.result.exchanges)


def authorized(*headers: tuple[str, str], body=None) -> Talk:
    talk = Talk()
    talk.add("/a", headers=headers, body=body, answer={})
    return talk


def test_own_headers_replace_recorded_ones(live):
    talk = authorized(("authorization", "Bearer stand-in-12345"), ("X-Tenant", "recorded"), ("X-Kept", "1"))
    own = Credentials(
        [("Authorization", "Bearer own-secret"), ("x-tenant", "own"), ("Host", "virtual.example")]
    )
    done, bot = live(talk, sets(), credentials=own)
    (request,) = bot.received
    assert request.headers == [
        ("X-Kept", "1"), ("Authorization", "Bearer own-secret"), ("x-tenant", "own"), ("Host", "virtual.example")
    ]  # fmt: skip
    assert done.result.exchanges[0].notes == ()


@pytest.mark.parametrize(("name", "rules"), [("Authorization", ()), ("X-Pin", ("header:x-pin",))])
def test_a_stand_in_of_a_credential_is_not_sent(live, name, rules):
    done, bot = live(authorized((name, "Bearer stand-in-12345")), sets(), rules=rules)
    assert bot.received[0].header(name) == ""
    (note,) = done.result.exchanges[0].notes
    assert note == f"header {name} is not sent: recordings keep no secrets; --header {name}:VALUE gives one"


@pytest.mark.parametrize(
    ("target", "body", "part"),
    [
        ("/a?api_key=stand-in-1", None, "url"),
        ("/a", {"password": "stand-in-1"}, "body"),
        ("/a", {"query": "hi"}, ""),
    ],
)
def test_a_stand_in_inside_a_request_is_told(live, target, body, part):
    talk = Talk()
    talk.add(target, body=body, answer={})
    done, _ = live(talk, sets())
    notes = done.result.exchanges[0].notes
    assert [note.split()[1] for note in notes] == [part] * bool(part)


def test_a_token_that_was_issued_in_a_body_goes_where_the_recorded_one_went(live):
    talk = Talk()
    talk.add("/login", body={"user": "x"}, answer={"access_token": "recorded-123456", "id": "conv-000001"})
    talk.add(
        "/c/conv-000001/say?id=conv-000001", headers=[("Authorization", "Bearer recorded-123456")],
        body={"conversation": "conv-000001", "text": "hi"}, answer={},
    )  # fmt: skip
    answers = [reply({"access_token": "L1", "id": 'a much "longer" one'}), reply()]
    done, bot = live(talk, lambda _: answers.pop(0))
    request = bot.received[1]
    quoted = "a%20much%20%22longer%22%20one"
    assert request.target == f"/c/{quoted}/say?id={quoted}"
    assert request.header("authorization") == "Bearer L1"
    assert request.body == b'{"conversation": "a much \\"longer\\" one", "text": "hi"}'
    assert done.hows == ["answered"] * 2


def test_what_needs_a_token_that_was_not_issued_is_not_asked(live):
    talk = Talk()
    talk.add("/start", body={}, answer={"id": "conv-000001"})
    talk.add("/c/conv-000001", answer={})
    talk.add("/say", body={"conversation": "conv-000001"}, answer={})
    done, bot = live(talk, lambda _: reply({"name": "none"}))
    assert done.hows == ["answered", "not-asked", "answered"]
    assert done.whys[1] == "it needs a token that the live chatbot did not issue where the recorded one did"
    assert [request.target for request in bot.received] == ["/start", "/say"]
    assert done.result.exchanges[2].notes == (
        "the body has a token as it was recorded: the live chatbot did not issue it",
    )


def test_a_list_of_others_tokens_changes_nothing(live):
    talk = Talk()
    talk.add("/start", body={}, answer={"id": "conv-000001"})
    talk.add("/list", headers=[("X-Conversation", "conv-000001")], answer={"all": [{"id": "conv-000001"}]})
    talk.add("/c/conv-000001", answer={})
    answers = [reply({"id": "mine"}), reply({"all": [{"id": "another"}]}), reply()]
    _, bot = live(talk, lambda _: answers.pop(0))
    assert bot.received[2].target == "/c/mine"
