from __future__ import annotations

from replayer.matching.index import MOST_CANDIDATES, MatchIndex
from replayer.matching.matcher import Match


def key(url, method="GET", body=b""):
    return Match().fingerprint(method, url, (), body)


def test_same_requests_are_found_in_their_order():
    urls = ["/a", "/b", "/a", "/c", "/a"]
    index = MatchIndex(("GET", f"http://h{url}", (), b"") for url in urls)
    assert list(index.find(key("/a"))) == [0, 2, 4]
    assert list(index.find(key("/b"))) == [1]
    assert list(index.find(key("/d"))) == []
    assert list(index.find(key("/a", "POST"))) == []


def test_candidates_are_different_requests_those_of_the_path_first():
    index = MatchIndex(
        [
            ("GET", "http://h/a", (), b""),
            ("GET", "http://h/b", (), b"1"),
            ("GET", "http://h/b", (), b"1"),
            ("GET", "http://h/b?x", (), b"2"),
        ]
    )
    assert index.candidates("/b") == [1, 3, 0]
    assert index.candidates("/c") == [0, 1, 3]


def test_candidates_are_bounded():
    index = MatchIndex(("GET", "http://h/a", (), b"%d" % n) for n in range(500))
    assert index.candidates("/a") == index.candidates("/b") == list(range(MOST_CANDIDATES))


def test_candidates_of_the_own_session_go_first_those_of_the_path_before_all():
    index = MatchIndex(("GET", f"http://h/{'ab'[n % 2]}", (), b"%d" % n) for n in range(500))
    assert index.candidates("/a", [400, 401, 402])[:3] == [400, 402, 0]
    assert 401 not in index.candidates("/a", [400, 401, 402])
    assert index.candidates("/c", [400, 401])[:3] == [400, 401, 0]
    assert len(index.candidates("/a", range(500))) == MOST_CANDIDATES


def test_an_empty_recording_has_no_candidates():
    assert MatchIndex([]).candidates("/") == []
