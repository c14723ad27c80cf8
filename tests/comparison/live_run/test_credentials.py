"""A live run's own credentials: how they are given, and that they are never written."""

from __future__ import annotations

import pytest

from comparison.live_run import Credentials, LiveRunSettings, parse_credentials
from foundation.errors import UsageError
from tests.cassettes.talk import Talk
from tests.comparison.live_run.bot import Received, reply

SECRETS = ["0wn-bearer/secret+1=", "own header secret", "0wn.cookie.secret"]


def test_they_come_from_the_command_line_and_the_environment():
    environ = {
        "CHATREEL_LIVE_HEADERS": "X-One: 1\n\nX-TWO: from the environment\n",
        "CHATREEL_LIVE_COOKIES": "a=1\nb=2",
    }
    found = parse_credentials(["x-two:own", "Authorization:  Bearer a:b "], ["b=3", "c=d=e"], environ)
    assert found.headers == (("X-One", "1"), ("x-two", "own"), ("Authorization", "Bearer a:b"))
    assert found.cookies == (("a", "1"), ("b", "3"), ("c", "d=e"))
    assert parse_credentials([], [], {}).headers == ()


@pytest.mark.parametrize(
    ("headers", "cookies", "environ", "expected"),
    [
        (["s3cr3t"], [], {}, "--header: expected NAME:VALUE, found no name before a ':'"),
        ([": s3cr3t"], [], {}, "--header: expected NAME:VALUE"),
        (["a b: s3cr3t"], [], {}, "--header: expected NAME:VALUE"),
        (["X-A:"], [], {}, "--header X-A: the value cannot be sent"),
        (["X-A: s3cr3t\r\nX-B: 1"], [], {}, "--header X-A: the value cannot be sent"),
        (["X-A: s3cr3t\u00e9"], [], {}, "--header X-A: the value cannot be sent"),
        (["X-A: " + 8193 * "s3cr3t"], [], {}, "--header X-A: the value cannot be sent"),
        (["Cookie: a=s3cr3t"], [], {}, "--header Cookie: give each cookie on its own"),
        (["Content-Length: 1"], [], {}, "--header Content-Length: this header tells how a request is sent"),
        ([], ["s3cr3t"], {}, "--cookie: expected NAME=VALUE"),
        ([], ["a=s3cr3t; b=1"], {}, "--cookie a: the value cannot be sent"),
        ([], [], {"CHATREEL_LIVE_COOKIES": "s3cr3t"}, "CHATREEL_LIVE_COOKIES: expected NAME=VALUE"),
    ],
)
def test_what_cannot_be_sent_is_refused_without_telling_it(headers, cookies, environ, expected):
    with pytest.raises(UsageError) as refused:
        parse_credentials(headers, cookies, environ)
    assert str(refused.value).startswith(expected)
    assert "s3cr3t" not in str(refused.value)


def test_no_representation_tells_them():
    own = Credentials([("X-A", "s3cr3t")], [("b", "s3cr3t")])
    assert "s3cr3t" not in f"{own} {own!r} {LiveRunSettings(origin='http://h', credentials=own)!r}"


@pytest.mark.parametrize("echo", ["body", "header", "status", "cookie", "url", "base"])
def test_they_are_never_written(live, echo):
    own = Credentials(
        [("Authorization", f"Bearer {SECRETS[0]}"), ("X-Own", SECRETS[1])], [("login", SECRETS[2])]
    )

    def answer(request: Received) -> bytes:
        assert request.header("authorization") == f"Bearer {SECRETS[0]}"
        assert request.header("x-own") == SECRETS[1]
        assert request.cookies["login"] == SECRETS[2]
        said = " and ".join(SECRETS)
        match echo:
            case "body":
                return reply({"you sent": said, "more": [{"x": SECRETS[1]}]})
            case "header":
                return reply({}, headers=f"X-Echo: {said}\r\n")
            case "status":
                return reply({}, status=f"200 {said}")
            case "cookie":
                return reply({}, *(f"c{number}={value}" for number, value in enumerate(SECRETS)))
            case "url":
                return reply({"polling_url": f"/jobs/1?k={said}", "job_id": SECRETS[2], "status": "pending"})
            case _:
                return f"{said}\r\n".encode()

    talk = Talk()
    talk.add("/chat", body={}, answer={"job_id": "job_recorded01", "status": "pending"})
    talk.add("/jobs/job_recorded01", answer={"job_id": "job_recorded01", "status": "succeeded"})
    done, bot = live(talk, answer, credentials=own, leap=True, poll_time=1000)
    assert bot.received
    everything = done.path.read_text() + repr(done.result) + "".join(done.reported)
    for secret in SECRETS:
        assert secret not in everything
        assert secret.replace("/", "%2F") not in everything
    assert "Bearer " in everything


@pytest.mark.parametrize(
    ("settings", "kept"), [({}, False), ({"rules": None}, True), ({"keep": ("name:api_key",)}, True)]
)
def test_live_answers_are_redacted_unless_settings_say_otherwise(live, settings, kept):
    talk = Talk()
    talk.add("/chat", body={}, answer={"api_key": "recorded"})
    done, _ = live(talk, lambda _: reply({"api_key": "a7Kp2x9Qm4Zt81Lw"}), **settings)
    assert ("a7Kp2x9Qm4Zt81Lw" in done.path.read_text()) == kept
