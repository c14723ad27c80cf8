from __future__ import annotations

import httptools
import pytest
from hypothesis import given
from hypothesis import strategies as st

from replayer.http1 import encoder
from replayer.http1.encoder import Frame, Script, script
from replayer.schedule.actions import Data, Finish, Head
from replayer.schedule.from_exchange import schedule_of

CHUNKED = (("Transfer-Encoding", "chunked"),)
NO_CHUNKS = ("1.0", "1.0 keep-alive")


def play(exchange, version="1.1", page=""):
    return script(schedule_of(exchange), exchange.request.method, encoder.Client(version, page))


def sent(played: Script) -> list[bytes]:
    return [frame.data for frame in played.frames]


def test_one_http_chunk_for_each_recorded_one(make_exchange):
    exchange = make_exchange([(10, b"data: 1\n\n"), (20, b"\xff" * 26)], head_at=5, end_at=30)
    assert play(exchange) == Script(
        (
            Frame(5, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
            Frame(10, b"9\r\ndata: 1\n\n\r\n"),
            Frame(20, b"1a\r\n" + b"\xff" * 26 + b"\r\n"),
            Frame(30, b"0\r\n\r\n"),
        ),
        30,
        "keep",
        200,
    )


def test_the_head_keeps_order_case_repeats_and_any_byte(make_exchange):
    headers = (
        ("sEt-CooKie", "a=1"), ("X-Odd", " spaces  kept"), ("set-cookie", "b=\xe9\xff"), ("sEt-CooKie", "a=1"),
        ("Content-Length", "0"), ("X-Empty", ""),
    )  # fmt: skip
    exchange = make_exchange(headers=headers, status=299, reason="Tr\xe8s bien")
    (head,) = sent(play(exchange))
    assert head == (
        b"HTTP/1.1 299 Tr\xe8s bien\r\nsEt-CooKie: a=1\r\nX-Odd:  spaces  kept\r\nset-cookie: b=\xe9\xff\r\n"
        b"sEt-CooKie: a=1\r\nContent-Length: 0\r\nX-Empty: \r\n\r\n"
    )


def test_a_recording_cannot_add_headers(make_exchange):
    exchange = make_exchange(
        headers=(("Content-Length", "0"), ("X", "a\r\nSet-Cookie: b\n\0c")), reason="OK\r\n\r\n"
    )
    assert sent(play(exchange)) == [
        b"HTTP/1.1 200 OK    \r\nContent-Length: 0\r\nX: a  Set-Cookie: b  c\r\n\r\n"
    ]


def test_text_beyond_latin_1_breaks_nothing(make_exchange):
    exchange = make_exchange(headers=(("Content-Length", "0"), ("X", "\u20ac")))
    assert sent(play(exchange)) == [b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX: ?\r\n\r\n"]


@pytest.mark.parametrize(
    ("headers", "how", "after"),
    [
        ((("Content-Length", "3"),), "complete", "keep"),
        ((("Content-Length", "9"),), "complete", "close"),
        ((("Content-Length", "2"),), "complete", "close"),
        ((("Content-Length", "nonsense"),), "complete", "close"),
        ((("Content-Length", "3"), ("Content-Length", "4")), "complete", "close"),
        ((("Content-Length", "9"),), "server-closed", "close"),
        ((("Content-Length", "3"), ("connection", "Close")), "complete", "close"),
        ((("Content-Length", "3"), ("Connection", "x, close")), "complete", "close"),
        ((), "complete", "close"),
        ((), "reset", "reset"),
        (CHUNKED, "complete", "keep"),
        ((("transfer-encoding", "gzip, Chunked"),), "complete", "keep"),
        (CHUNKED, "server-closed", "close"),
        (CHUNKED, "reset", "reset"),
        ((*CHUNKED, ("Connection", "close")), "complete", "close"),
    ],
)
def test_the_recorded_framing_decides_what_becomes_of_the_connection(make_exchange, headers, how, after):
    played = play(make_exchange([(1, b"abc")], headers, how=how))
    assert played.after == after
    chunked = any("chunked" in value.lower() for _, value in headers)
    whole = chunked and how == "complete"
    assert sent(played)[1:] == [b"3\r\nabc\r\n" if chunked else b"abc", *([b"0\r\n\r\n"] if whole else [])]


@pytest.mark.parametrize("client", NO_CHUNKS)
def test_http_1_0_gets_no_chunk_framing(make_exchange, client):
    played = play(make_exchange([(1, b"abc"), (2, b"de")], end_at=9), client)
    assert played == Script(
        (Frame(0, b"HTTP/1.1 200 OK\r\n\r\n"), Frame(1, b"abc"), Frame(2, b"de")), 9, "close", 200
    )


def test_http_1_0_is_told_that_the_connection_lives_on(make_exchange):
    length = (("Content-Length", "1"),)
    kept = play(make_exchange([(1, b"a")], length), "1.0 keep-alive")
    assert sent(kept) == [b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: keep-alive\r\n\r\n", b"a"]
    assert kept.after == "keep"
    assert play(make_exchange([(1, b"a")], length), "1.0").after == "close"


def test_a_recorded_http_1_0_response_stays_one(make_exchange):
    played = play(make_exchange([(1, b"a")], (("Content-Length", "1"),), http="1.0"))
    assert sent(played)[0].startswith(b"HTTP/1.0 200 OK\r\n")
    assert played.after == "close"
    kept = (("Content-Length", "1"), ("Connection", "Keep-Alive"))
    assert play(make_exchange([(1, b"a")], kept, http="1.0")).after == "keep"


@pytest.mark.parametrize(
    ("method", "status", "after"),
    [("HEAD", 200, "keep"), ("GET", 204, "keep"), ("GET", 304, "keep")],
)
@pytest.mark.parametrize("headers", [CHUNKED, (("Content-Length", "7"),), ()])
def test_some_responses_have_no_body(make_exchange, method, status, after, headers):
    played = play(make_exchange([(1, b"stray")], headers, method=method, status=status))
    assert len(played.frames) == 1
    assert played.after == after


def test_after_an_interim_response_the_connection_is_no_longer_http():
    assert script((Head(0, 101, "", CHUNKED), Data(1, b"stray"), Finish(1, "complete"))).after == "close"


@pytest.mark.parametrize("http", ["2", "2.0", "3"])
def test_http_2_becomes_chunked_unless_its_length_is_known(make_exchange, http):
    played = play(make_exchange([(1, b"abc")], (("x", "y"),), http=http, reason=""))
    assert sent(played) == [
        b"HTTP/1.1 200 \r\nx: y\r\ntransfer-encoding: chunked\r\n\r\n", b"3\r\nabc\r\n", b"0\r\n\r\n"
    ]  # fmt: skip
    known = play(make_exchange([(1, b"abc")], (("content-length", "3"),), http=http, reason=""))
    assert sent(known) == [b"HTTP/1.1 200 \r\ncontent-length: 3\r\n\r\n", b"abc"]
    assert sent(play(make_exchange(headers=(), http=http, method="HEAD"))) == [b"HTTP/1.1 200 OK\r\n\r\n"]


def test_a_body_that_is_stored_decoded_is_announced_so(make_exchange):
    headers = (("Content-Encoding", "gzip"), ("content-length", "23"), ("Vary", "*"))
    played = play(make_exchange([(1, b"abc"), (2, b"de")], headers, encoding="gzip"))
    assert sent(played) == [b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\nVary: *\r\n\r\n", b"abc", b"de"]
    assert played.after == "keep"


def test_a_decoded_body_that_broke_off_stays_broken(make_exchange):
    headers = (("Content-Encoding", "gzip"), ("Content-Length", "4"))
    played = play(make_exchange([(1, b"abcdef")], headers, encoding="gzip", how="server-closed"))
    assert b"Content-Length: 7\r\n" in sent(played)[0]
    assert played.after == "close"


def test_a_head_response_of_an_encoded_body_is_left_alone(make_exchange):
    headers = (("Content-Encoding", "gzip"), ("Content-Length", "23"))
    played = play(make_exchange(headers=headers, encoding="gzip", method="HEAD"))
    assert sent(played) == [b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 23\r\n\r\n"]


def test_a_client_that_knows_the_length_may_ask_again_at_the_last_byte(make_exchange):
    assert play(make_exchange([(5, b"a")], (("Content-Length", "1"),), end_at=90)).ends == 5
    assert play(make_exchange([(5, b"a")], (), end_at=90)).ends == 90


def test_a_response_without_a_head_is_only_an_end():
    assert script((Finish(7, "reset"),)) == Script((), 7, "reset")
    assert script((Finish(7, "complete"),)) == Script((), 7, "close")


def test_trailers_follow_the_last_chunk():
    finish = Finish(2, "complete", (("X-Sum", "1"), ("X-Evil", "a\r\nb")))
    played = script((Head(0, 200, "OK", CHUNKED), Data(1, b"a"), finish))
    assert sent(played)[-1] == b"0\r\nX-Sum: 1\r\nX-Evil: a  b\r\n\r\n"
    assert played.after == "keep"
    assert sent(script((Head(0, 200, "OK", ()), Data(1, b"a"), finish)))[1:] == [b"a"]


def test_a_hanging_response_has_no_last_chunk():
    played = script((Head(0, 200, "OK", CHUNKED), Data(1, b"a"), Finish(2, "hang")))
    assert (sent(played)[1:], played.after) == ([b"1\r\na\r\n"], "hang")


class Client:
    """Collects the chunks that llhttp sees."""

    def __init__(self):
        self.chunks, self.complete = [], False

    def on_chunk_header(self):
        self.chunks.append(b"")

    def on_body(self, part):
        self.chunks[-1] += part

    def on_message_complete(self):
        self.complete = True


@given(st.lists(st.binary(min_size=1, max_size=5000), max_size=20))
def test_a_client_sees_the_recorded_chunks(chunks):
    schedule = (Head(0, 200, "OK", CHUNKED), *(Data(0, data) for data in chunks), Finish(0, "complete"))
    client = Client()
    parser = httptools.HttpResponseParser(client)
    parser.feed_data(b"".join(sent(script(schedule))))
    assert client.complete
    assert client.chunks == [*chunks, b""]
