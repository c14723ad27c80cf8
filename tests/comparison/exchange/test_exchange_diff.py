from __future__ import annotations

import json

import pytest
from msgspec.structs import replace

from cassettes.model import Loss
from comparison.rules.comparison_rules import STRICT, parse_rules
from tests.cassettes.talk import Talk
from tests.comparison.mutants import (
    SECOND,
    compared,
    differences_of,
    event,
    reminted,
    sample,
    stream,
    with_exchange,
    with_json,
    with_response,
)

SAMPLE = sample("stream")
HEALTH = sample("health")
HEADERS = SAMPLE.exchange(0).response.headers


def with_headers(change):
    """The sample with other headers: each pair as `change` gives it, or without it."""
    changed = [change(name, value) for name, value in HEADERS]
    return with_response(SAMPLE, headers=tuple(pair for pair in changed if pair is not None))


def replaced(old, new):
    return with_headers(lambda name, value: (name, value.replace(old, new)))


def answer(data, media_type="text/plain", **fields):
    """One answer with a body of these bytes."""
    talk = Talk()
    talk.add("/file", answer="x")
    talk = with_response(talk, headers=(("Content-Type", media_type),))
    chunk = replace(talk.exchange(0).chunks[0], data=data)
    return with_exchange(talk, 0, chunks=(chunk,), **fields)


@pytest.mark.parametrize("status", [201, 404, 500])
def test_a_status(status):
    live = with_response(SAMPLE, status=status, reason="Other")
    assert differences_of(compared(SAMPLE, live)) == [("status", "changed", "")]
    assert differences_of(compared(SAMPLE, live, parse_rules(["-status"]))) == []


def test_a_failure_is_one_difference_whatever_else_it_brings():
    live = with_response(HEALTH, status=503, reason="Down", headers=(("Content-Type", "text/html"),))
    live = with_exchange(live, 0, chunks=(replace(HEALTH.exchange(0).chunks[0], data=b"<p>\nDown </p>\n"),))
    (one,) = compared(HEALTH, live).differences
    assert (one.recorded, one.live, one.why) == ("200 OK", "503 Down", "the request failed: <p> Down </p>")


@pytest.mark.parametrize(
    ("recorded", "live", "same"),
    [
        ("application/json", "Application/JSON", True),
        ("application/json; charset=utf-8", 'application/json;charset="UTF-8"', True),
        ("multipart/mixed; boundary=a", "multipart/mixed; boundary=b", True),
        ("application/json", "application/json; charset=latin-1", False),
        ("application/json", "text/html", False),
    ],
)
def test_content_types(recorded, live, same):
    expected = [] if same else [("content-type", "changed", "content-type")]
    assert differences_of(compared(answer(b"{}", recorded), answer(b"{}", live))) == expected


def test_a_stream_that_is_none_now_is_one_difference():
    live = replaced("text/event-stream", "application/json")
    assert differences_of(compared(SAMPLE, live)) == [("content-type", "changed", "content-type")]


@pytest.mark.parametrize(
    ("live", "expected"),
    [
        (replaced("no-cache", "max-age=60"), [("headers", "changed", "cache-control")]),
        (with_headers(lambda n, v: None if n == "X-Accel-Buffering" else (n, v)),
         [("headers", "removed", "x-accel-buffering")]),
        (with_response(SAMPLE, headers=(*HEADERS, ("Retry-After", "3"))), [("headers", "added", "retry-after")]),
        (with_response(SAMPLE, headers=(*HEADERS, ("Server", "other"))), []),
        (with_headers(lambda n, v: (n.lower(), v)), []),
    ],
)  # fmt: skip
def test_chosen_headers(live, expected):
    assert differences_of(compared(SAMPLE, live)) == expected


def test_other_headers_are_chosen():
    live = with_response(SAMPLE, headers=(*HEADERS, ("Server", "other")))
    assert differences_of(compared(SAMPLE, live, parse_rules(["+header:Server"]))) == [
        ("headers", "added", "server")
    ]


@pytest.mark.parametrize(
    ("live", "expected"),
    [
        (with_headers(lambda n, v: None if "session_id=" in v else (n, v)), [("removed", "session_id")]),
        (replaced("session_id=", "sid="), [("removed", "session_id"), ("added", "sid")]),
        (replaced("; HttpOnly", ""), [("changed", "session_id")]),
        (replaced("SameSite=Lax", "SameSite=Strict"), [("changed", "session_id")]),
        (replaced("SameSite=Lax", "samesite=lax"), []),
        (
            replaced("; Path=/; SameSite=Lax", "; Path=/; SameSite=Lax; Max-Age=60"),
            [("changed", "session_id")],
        ),
        (replaced("29 Nov 2026", "30 Nov 2027"), []),
        (replaced("; Secure", ""), []),  # over plain HTTP it says nothing
        (replaced("; SameSite=None; Secure", ""), []),  # and takes this with it
        (replaced("; Secure", "; Secure; Partitioned"), []),  # and this
        (reminted(SAMPLE), []),
    ],
)
def test_cookies(live, expected):
    assert [(aspect, *rest) for aspect, *rest in differences_of(compared(SAMPLE, live))] == [
        ("cookies", *one) for one in expected
    ]


def over_https(talk, host):
    request = replace(talk.exchange(0).request, url=f"https://{host}/api/v1/stream")
    return with_exchange(talk, 0, request=request)


def test_attributes_that_depend_on_where_it_is():
    secure, domain = replaced("; Secure", ""), replaced("SameSite=Lax", "SameSite=Lax; Domain=bot.example")
    here, there = (over_https(SAMPLE, host) for host in ("bot.example", "other.example"))
    assert differences_of(compared(here, over_https(secure, "other.example"))) == [
        ("cookies", "changed", "AWSALBCORS")
    ]
    assert differences_of(compared(here, there)) == []
    assert differences_of(compared(here, over_https(domain, "bot.example"))) == [
        ("cookies", "changed", "session_id")
    ]
    assert differences_of(compared(here, over_https(domain, "other.example"))) == []


def test_a_body_that_is_json():
    assert compared(HEALTH, reminted(HEALTH)).verdict == "same"
    live = with_json(HEALTH, 0, lambda body: body.update(active_jobs=1))
    assert differences_of(compared(HEALTH, live)) == [("values", "changed", "/active_jobs")]
    assert differences_of(compared(HEALTH, live, parse_rules(ignored=["/active_jobs"]))) == []


@pytest.mark.parametrize(
    ("recorded", "live", "expected"),
    [
        (b"\xff\x00", b"\xff\x00", []),
        (b"\xff\x00", b"\xff\x01", [("values", "changed", "")]),
        (b"text", b"\xff", [("values", "changed", "")]),
        (b"hello", b"hallo", [("values", "changed", "")]),
        (b"", b"{}", [("structure", "retyped", "")]),
        (b"{}", b"{", [("structure", "retyped", "")]),
        (b'{"a": 1', b'{"a": 2', [("values", "changed", "")]),
    ],
)
def test_other_bodies(recorded, live, expected):
    assert differences_of(compared(answer(recorded), answer(live))) == expected


def test_a_body_that_broke_is_told_by_its_end():
    recorded, live = answer(b'{"a": 1}'), answer(b'{"a"')
    end = replace(live.exchange(0).end, how="reset")
    broken = with_exchange(live, 0, end=end)
    assert differences_of(compared(recorded, broken)) == [("ending", "changed", "")]
    assert differences_of(compared(recorded, broken, parse_rules(["-ending"]))) == [
        ("structure", "retyped", "")
    ]


def test_a_slow_answer():
    exchange = HEALTH.exchange(0)
    late = replace(exchange.response, at=exchange.response.at + 5 * SECOND)
    live = with_exchange(HEALTH, 0, response=late, end=replace(exchange.end, at=exchange.end.at + 5 * SECOND))
    assert differences_of(compared(HEALTH, live)) == []
    (one,) = compared(HEALTH, live, parse_rules(["+timing"])).differences
    assert one.why.startswith("the time to the response is")


def unanswered(how):
    end = replace(HEALTH.exchange(0).end, how=how, message="refused" if how == "error" else "")
    return with_exchange(HEALTH, 0, response=None, chunks=(), end=end)


@pytest.mark.parametrize("how", ["error", "unfinished", "client-closed"])
def test_what_was_never_answered_is_not_the_same(how):
    for comparison in (
        compared(HEALTH, unanswered(how)),
        compared(unanswered(how), HEALTH),
        compared(unanswered(how), unanswered(how)),
    ):
        assert comparison.verdict == "could-not-compare"
        assert "was never answered" in comparison.uncompared[0].why


@pytest.mark.parametrize("how", ["reset", "server-closed"])
def test_a_server_that_hangs_up_without_an_answer(how):
    (one,) = compared(HEALTH, unanswered(how)).differences
    assert (one.aspect, one.recorded, one.live) == ("ending", "status 200", how)
    assert compared(unanswered(how), unanswered(how)).verdict == "same"


def test_what_lacks_bytes_is_not_the_same():
    loss = Loss(at=1, reason="the disk was full", records=1, bytes=10, exchange=0)
    for comparison in (
        compared(with_exchange(HEALTH, 0, losses=(loss,)), HEALTH),
        compared(HEALTH, with_exchange(HEALTH, 0, losses=(loss,))),
    ):
        assert comparison.verdict == "could-not-compare"
        assert "the disk was full" in comparison.uncompared[0].why


def test_what_is_left_before_its_end_is_not_the_same():
    left = with_exchange(answer(b'{"a"'), 0, end=replace(HEALTH.exchange(0).end, how="unfinished"))
    assert compared(answer(b'{"a": 1}'), left).verdict == "could-not-compare"


def test_what_is_shown_is_short():
    huge = stream([event("result", response=1, more="x" * 100_000)])
    differences = compared(huge, stream([event("result", response=2, more=["y" * 100_000])])).differences
    assert len(differences) == 2
    assert all(len(value) < 300 for one in differences for value in (one.recorded, one.live, one.why))
    assert json.loads(differences[0].recorded) == 1


def test_names_that_were_received_are_short_as_well():
    name = "n" * 100_000
    recorded, live = (stream([event(name, **{name: number})]) for number in (1, 2))
    (one,) = compared(recorded, live).differences
    assert (len(one.event), len(one.pointer)) < (300, 300)
    talk = Talk()
    talk.add(f"/{name}", answer={"n": 1})
    (one,) = compared(talk, with_json(talk, 0, lambda body: body.update(n=2))).differences
    assert len(one.request) < 300


def test_aspects_are_switched_off():
    live = with_headers(lambda n, v: None if "session_id=" in v else (n, v))
    assert differences_of(compared(SAMPLE, live, parse_rules(["-cookies"]))) == []
    assert STRICT.aspects >= {"cookies"}
