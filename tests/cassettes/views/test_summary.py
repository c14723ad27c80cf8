from __future__ import annotations

import msgspec
import pytest

from cassettes.model import Exchange, Loss, Unknown
from cassettes.views.summary import OngoingExchanges, Summary
from tests.cassettes.recorded import HEADER, chunk, end, request, response, whole

LOSS = Loss(at=5, reason="the disk is full", records=1, exchange=0)


def exchange(*, answered: bool = True, losses: tuple[Loss, ...] = ()) -> Exchange:
    return Exchange(
        number=0,
        request=request(at=1000),
        response=response(at=1200) if answered else None,
        chunks=(chunk(at=1500, data=b"abc"), chunk(at=2500, data=b"de")) if answered else (),
        end=end(at=9000),
        losses=losses,
    )


def test_an_exchange_at_a_glance() -> None:
    assert msgspec.structs.asdict(Summary.of(exchange())) == {
        "exchange": 0,
        "method": "POST",
        "target": "/a",
        "began": 1000,
        "status": 200,
        "media_type": "text/event-stream",
        "chunks": 2,
        "bytes": 5,
        "first": 1500,
        "last": 9000,
        "how": "complete",
        "lossy": False,
        "message": "",
    }
    assert Summary.of(exchange()).duration == 8000


def test_an_exchange_without_answer_or_with_losses() -> None:
    silent = Summary.of(exchange(answered=False))
    assert (silent.status, silent.media_type, silent.first, silent.chunks) == (None, "", None, 0)
    assert Summary.of(exchange(losses=(LOSS,))).lossy


def test_an_exchange_grows_record_by_record() -> None:
    whole = exchange()
    growing = Summary.begun(whole.request)
    assert (growing.how, growing.duration) == ("", 0)
    growing.add([whole.request, response(at=1200)])
    assert growing.duration == 200
    growing.add(whole.chunks)
    assert growing.duration == 1500
    growing.add([whole.end])
    assert growing == Summary.of(whole)


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("http://h/a/b?x=1&x=2", "/a/b?x=1&x=2"),
        ("https://user@h:8443/a?u=http://other/b", "/a?u=http://other/b"),
        ("http://[::1]:5000/a", "/a"),
        ("http://[broken/a", "/a"),
        ("http://h?x", "?x"),
        ("http://h", ""),
        ("/a?u=http://other/b", "/a?u=http://other/b"),
        ("http://h/a\n\tb", "/a\n\tb"),
        ("*", "*"),
        ("", ""),
    ],
)
def test_the_target_of_any_url(url: str, target: str) -> None:
    assert Summary.begun(request(url=url)).target == target


def test_an_exchange_is_followed_from_request_to_end() -> None:
    ongoing = OngoingExchanges()
    (begun,) = ongoing.touched([request(3)])
    assert (begun.exchange, begun.how) == (3, "")
    assert ongoing.touched([response(3), chunk(3)]) == [begun]
    assert (begun.status, begun.chunks) == (200, 1)
    assert ongoing.touched([end(3)]) == [begun]
    assert begun.how == "complete"
    assert ongoing.touched([chunk(3), end(3)]) == []  # it has ended


def test_records_of_no_exchange_are_not_counted_to_the_first_one() -> None:
    ongoing = OngoingExchanges()
    (first,) = ongoing.touched([HEADER, request(0)])
    assert (
        ongoing.touched([HEADER, Loss(at=5, reason=""), Unknown(kind="later", extra={"exchange": 0})]) == []
    )
    assert not first.lossy
    assert ongoing.touched([Loss(at=5, reason="", exchange=0)]) == [first]
    assert first.lossy


def test_exchanges_of_one_batch_are_told_apart() -> None:
    touched = OngoingExchanges().touched([request(0), request(1), chunk(1), *whole(2), end(0)])
    assert [(summary.exchange, summary.how, summary.chunks) for summary in touched] == [
        (0, "complete", 0),
        (1, "", 1),
        (2, "complete", 1),
    ]
