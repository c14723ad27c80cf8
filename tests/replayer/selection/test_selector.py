from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cassettes.model import Request
from cassettes.tokens.finder import TokenFinder
from replayer.selection.client_sessions import ClientSessions
from replayer.selection.selector import contains, nth
from replayer.selection.token_translation import translated

TOKENS = ["job_ab12", "sess-0001", "a/b+c=0001", "7654321", "550e8400-e29b-41d4-a716-446655440000"]


def request(url, headers=(), body=b""):
    return Request(exchange=-1, at=0, method="POST", url=url, http="1.1", headers=headers, body=body)


@pytest.mark.parametrize(
    ("after_last", "expected"),
    [("repeat", [0, 1, 2, 2, 2]), ("loop", [0, 1, 2, 0, 1]), ("miss", [0, 1, 2, None, None])],
)
def test_which_answer_is_due(after_last, expected):
    assert [nth(turn, 3, after_last) for turn in range(5)] == expected


@given(st.sets(st.integers(0, 50)), st.integers(0, 50))
def test_contains(numbers, number):
    assert contains(sorted(numbers), number) == (number in numbers)


def live_session(tokens="minted"):
    sessions = ClientSessions(seed=3, tokens=tokens)
    session = sessions.open(0)
    for token in TOKENS:
        sessions.token(session, token)
    return session


places = st.lists(st.sampled_from([*TOKENS, "word", "é", "123", "job_ab123", "xsess-0001"]), max_size=6)


@given(places, places, places)
def test_translation_is_the_inverse_of_what_the_client_was_given(path, header, body):
    session = live_session()
    recorded = request(
        "http://h/" + "/".join(path).replace("é", "%C3%A9"),
        (("Cookie", "; ".join(header)), ("X-Text", "caf\xe9 " + " ".join(header))),
        " ".join(f'"{word}"' for word in body).encode(),
    )
    finder = TokenFinder(TOKENS)

    def own(data):
        return finder.replace(data, session.live.__getitem__)

    asked = request(
        own(recorded.url.encode()).decode(),
        tuple((name, own(value.encode("latin-1")).decode("latin-1")) for name, value in recorded.headers),
        own(recorded.body),
    )
    assert translated(asked, session) == recorded


def test_a_request_without_tokens_is_the_very_same():
    asked = request("http://h/jobs/job_zz99", (("Cookie", "s=1"),), b'{"query": "hi"}')
    assert translated(asked, live_session()) is asked


def test_recorded_tokens_stay():
    asked = request("http://h/jobs/job_ab12", (("Cookie", "s=sess-0001"),))
    assert translated(asked, live_session("recorded")) == asked


def test_the_spelling_of_the_client_stays():
    session = live_session()
    live = session.live["a/b+c=0001"]
    spelled = live.replace("/", "%2F").replace("+", "%2B").replace("=", "%3D")
    asked = request(f"http://h/?t={spelled}", (), b'{"t": "' + live.replace("/", "\\/").encode() + b'"}')
    found = translated(asked, session)
    assert (found.url, found.body) == ("http://h/?t=a%2Fb%2Bc%3D0001", b'{"t": "a\\/b+c=0001"}')
