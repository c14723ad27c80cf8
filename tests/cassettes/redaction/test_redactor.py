from __future__ import annotations

import pytest

from cassettes.framings.aws_event_stream import AWS_EVENT_STREAM
from cassettes.framings.event import Event
from cassettes.model import Chunk, End, Header, Loss, Request, Response, Unknown
from cassettes.redaction.redactor import Redactor
from cassettes.redaction.rules import parse_rules
from cassettes.redaction.stand_ins import StandIns

KEY = b"a key that tests may keep secret"
SESSION = "s3ss10nAbCdEf"
STANDIN = StandIns(KEY)(SESSION.encode()).decode()
EVENTS = (("Content-Type", "text/event-stream"),)


@pytest.fixture
def redactor():
    return Redactor(key=KEY)


def request(exchange=0, *, url="http://h/", headers=(), body=b""):
    return Request(exchange=exchange, at=0, method="POST", url=url, http="1.1", headers=headers, body=body)


def response(exchange=0, *, headers=EVENTS):
    return Response(exchange=exchange, at=0, status=200, reason="OK", headers=headers)


def chunk(data, exchange=0, at=0):
    return Chunk(exchange=exchange, at=at, data=data)


def end(exchange=0, message=""):
    return End(exchange=exchange, at=0, how="complete", message=message)


def set_cookie(exchange=0):
    return response(exchange, headers=(*EVENTS, ("Set-Cookie", f"session_id={SESSION}; Path=/")))


def test_a_session_links_up_wherever_it_occurs(redactor):
    script = [
        (set_cookie(), set_cookie().headers[1][1]),
        (request(headers=(("cookie", f"a=1; session_id={SESSION}"),)), None),
        (request(url=f"http://h/jobs/{SESSION}?s={SESSION}"), None),
        (request(headers=(("Referer", f"http://h/{SESSION}"),)), None),
        (request(body=f'{{"session": "{SESSION}"}}'.encode()), None),
        (chunk(f"data: {SESSION}\n\n".encode()), None),
        (end(message=f"lost {SESSION}"), None),
        (Loss(at=0, reason=f"no {SESSION}"), None),
        (Unknown(kind="later", extra={"x": [SESSION, 1]}), None),
        (Header(version=1, created="now", recorder="r", upstream=f"http://{SESSION}@h"), None),
    ]
    for record, _ in script:
        (written,) = redactor.feed([record])
        assert type(written) is type(record)
        assert STANDIN in str(written)
        assert SESSION not in str(written)


def test_every_part_of_a_request_is_replaced_whichever_part_tells(redactor):
    (written,) = redactor.feed(
        [
            request(
                url=f"http://h/{SESSION}",
                headers=(("X-A", SESSION),),
                body=b'{"secret": "%s"}' % SESSION.encode(),
            )
        ]
    )
    assert written == request(
        url=f"http://h/{STANDIN}", headers=(("X-A", STANDIN),), body=b'{"secret": "%s"}' % STANDIN.encode()
    )


@pytest.mark.parametrize(
    ("before", "kept", "gone"),
    [
        (request(headers=(("Authorization", "Bearer abcdef1"),)), "Bearer ", "abcdef1"),
        (request(headers=(("PROXY-authorization", "Basic dTpwd2Q="),)), "Basic ", "dTpwd2Q"),
        (request(headers=(("Cookie", "theme=dark"),)), "theme=", "dark"),
        (request(url="http://u:pw@h/p?api_key=abc&x=1"), "@h/p?api_key=", "abc"),
        (request(headers=(("Location", "/cb?access_token=abc&x=1"),)), "&x=1", "abc"),
        (Header(version=1, created="", recorder="", upstream="http://ada:pass@h:5000"), "@h:5000", "pass"),
        (request(body=b'{"password": "pw"}'), '{"password": "', "pw"),
        (
            request(
                headers=(("Content-Type", "application/x-www-form-urlencoded"),),
                body=b"user=me&password=a'b,c&x=1",
            ),
            "user=me&password=",
            "a'b,c",
        ),
        (request(headers=(("X-Api-Key", "schlüssel"),)), "ssel"[:0], "schl"),
        (request(headers=(("X-Api-Key", "ключ ключ"),)), " ", "ключ"),
        (end(message="GET http://h/?api_key=abc failed"), " failed", "abc"),
        (Unknown(kind="later", extra={"password": "abc", "n": 1.5}), "'n': 1.5", "abc"),
    ],
)
def test_each_place(redactor, before, kept, gone):
    (after,) = redactor.feed([before])
    assert gone in str(before)
    assert gone not in str(after)
    assert kept in str(after)
    assert len(str(after)) == len(str(before))


def test_preference_cookies_are_not_followed(redactor):
    redactor.feed([request(headers=(("Cookie", "mode=streaming; theme=progress"),))])
    record = request(body=b"event: progress streaming")
    assert redactor.feed([record])[0] is record


def test_form_values_in_prose_are_followed_only_if_they_look_like_tokens(redactor):
    redactor.feed([request(body=b"write password=os.environ and api_key=Abc12x45Y")])
    assert redactor.feed([request(body=b"os.environ")])[0].body == b"os.environ"
    assert redactor.feed([request(body=b"Abc12x45Y")])[0].body != b"Abc12x45Y"


def test_records_without_a_secret_are_the_same_objects_and_nothing_is_held(redactor):
    redactor.feed([set_cookie(9), end(9)])
    records = [
        request(body=b'{"query": "hi"}'),
        response(),
        *(
            chunk(b'event: progress\ndata: {"token_count": 10, "at": "http://h/"}\n\n', at=at)
            for at in range(5)
        ),
        end(),
    ]
    for batch in ([records], [[record] for record in records]):
        written = [record for part in batch for record in redactor.feed(part)]
        assert all(after is before for after, before in zip(written, records, strict=True))


def test_a_held_chunk_holds_its_exchange_and_no_other(redactor):
    redactor.feed([set_cookie(9), response(0), response(1)])
    head, tail = chunk(b"data: s3ss10n", 0), chunk(b"AbCdEf\n\n", 0)
    other = chunk(b"data: hello\n\n", 1)
    loss = Loss(at=0, reason="disk full", exchange=0)
    assert redactor.feed([head, loss, other]) == [other]
    written = redactor.feed([tail])
    assert [type(record) for record in written] == [Chunk, Loss, Chunk]
    assert (written[0].data + written[2].data).decode() == f"data: {STANDIN}\n\n"
    assert (len(written[0].data), len(written[2].data)) == (len(head.data), len(tail.data))


def test_end_releases_what_is_held(redactor):
    redactor.feed([set_cookie(0)])
    assert redactor.feed([chunk(b"data: s3ss10n")]) == []
    assert redactor.feed([end()]) == [chunk(b"data: s3ss10n"), end()]
    assert redactor.close() == []


def test_trailers_are_redacted_as_headers_are(redactor):
    (redacted,) = redactor.feed(
        [End(exchange=0, at=0, how="complete", trailers=(("Set-Cookie", "sid=s3cr3t-value"), ("X-Sum", "1")))]
    )
    assert redacted.trailers[0][1].startswith("sid=")
    assert "s3cr3t-value" not in redacted.trailers[0][1]
    assert redacted.trailers[1] == ("X-Sum", "1")


def test_close_releases_what_is_held_and_an_open_value_is_secret(redactor):
    redactor.feed([response()])
    assert redactor.feed([chunk(b'{"password": "abcd')]) == []
    (written,) = redactor.close()
    assert written.data.startswith(b'{"password": "')
    assert b"abcd" not in written.data


def test_another_recording_begins_with_nothing_held(redactor):
    redactor.feed([set_cookie(0), chunk(b"data: s3ss10n")])
    header = Header(version=1, created="now", recorder="r")
    assert redactor.feed([header]) == [chunk(b"data: s3ss10n"), header]


def test_a_secret_of_one_exchange_is_known_to_the_others_in_the_same_batch(redactor):
    redactor.feed([response(0), response(1)])
    records = [
        chunk(b"data: 0\n\n", 0),
        chunk(b'data: {"secret": "%s"}\n\n' % SESSION.encode(), 1),
        chunk(b"data: %s\n\n" % SESSION.encode(), 0),
    ]
    written = redactor.feed(records)
    assert [record.exchange for record in written] == [0, 1, 0]
    assert written[2].data == b"data: %s\n\n" % STANDIN.encode()


def test_chunks_before_any_response_are_redacted(redactor):
    (written,) = redactor.feed([chunk(b'{"password": "abcd"}', 7)])
    assert b"abcd" not in written.data


def test_rules_apply(redactor):
    rules = parse_rules(["header:X-Tenant", "pointer:/user/ssn", "regex:INT-[0-9]+", "email"])
    redactor = Redactor(rules, key=KEY)
    body = b'{"user": {"ssn": 123456789}, "m": "ada@example.com INT-77", "t": "acme-42x"}'
    head = request(
        headers=(("x-tenant", "acme-42x"), ("Content-Type", "application/problem+json")), body=body
    )
    (written,) = redactor.feed([head])
    for secret in ("123456789", "ada@", "INT-77", "acme-42x"):
        assert secret in str(head)
        assert secret not in str(written)
    assert len(written.body) == len(body)
    later = b"data: acme-42x ada%40example.com\n\n"
    (_, after) = redactor.feed([response(), chunk(later)])
    assert b"acme-42x" not in after.data
    assert b"ada%40" not in after.data


def test_rules_leave_binary_media_alone_but_known_secrets_are_replaced():
    redactor = Redactor(parse_rules(["regex:[0-9]{4}"]), key=KEY)
    redactor.feed([set_cookie(0), end(0)])
    data = b'\x89PNG 1234 "token": "abcd" ' + SESSION.encode()
    (_, written, _) = redactor.feed(
        [response(1, headers=(("Content-Type", "image/png"),)), chunk(data, 1), end(1)]
    )
    assert written.data == data.replace(SESSION.encode(), STANDIN.encode())


def test_a_load_balancers_cookie_is_followed_though_it_changes_on_every_response(redactor):
    for number in range(300):
        cookie = f"{number:04d}/Abc+Def1gH2iJ=="
        redactor.feed([response(number, headers=(("Set-Cookie", f"AWSALB={cookie}; Path=/"),)), end(number)])
        (written,) = redactor.feed([request(number + 1, headers=(("X-Echo", cookie),))])
        assert written.headers[0][1] != cookie


def test_a_secret_that_is_given_is_replaced_before_anything_tells_that_it_is_one():
    redactor = Redactor(key=KEY, secrets=["0wn-cr3dential/1"])
    url, body = "http://h/?q=0wn-cr3dential%2F1", b"say 0wn-cr3dential/1"
    (asked, answered) = redactor.feed(
        [request(url=url, body=body), response(headers=(("X-Echo", "0wn-cr3dential/1"),))]
    )
    written = f"{asked} {answered} {redactor.feed([chunk(b'0wn-cr3den'), chunk(b'tial/1'), end()])}"
    assert "0wn-cr3d" not in written
    assert "tial" not in written
    assert len(asked.url) == len(url)


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_frames_with_checksums_stay_whole(size):
    events = [f'{{"text": "part {place}", "password": "hunter2-{place}-secret"}}' for place in range(3)]
    body = b"".join(AWS_EVENT_STREAM.encode(Event(data=data)) for data in events)
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    head = response(headers=(("Content-Type", "application/vnd.amazon.eventstream"),))
    redactor = Redactor(key=KEY)
    written = [*redactor.feed([request(), head, *map(chunk, pieces), end()]), *redactor.close()]
    chunks = [record.data for record in written if isinstance(record, Chunk)]
    assert list(map(len, chunks)) == list(map(len, pieces))
    found = AWS_EVENT_STREAM.decoder().feed(b"".join(chunks))
    assert [event.dispatched for event in found] == [True] * 3
    assert "hunter2" not in "".join(event.data for event in found)
