from __future__ import annotations

import json

import pytest

from platform_client.events import ClientEvent
from tests.replayer.faults.http_client import EVENT_STREAM, LAST, QUESTION, STREAM, chunks, events

PROGRESS = b'event: progress\ndata: {"progress": 50}\n\n'
HEARTBEAT = b"event: heartbeat\ndata: {}\n\n"
PING = b": ping\n\n"
RESULT = 'event: result\ndata: {"response": "grüezi"}\n\n'.encode()
COMPLETE = b"event: complete\ndata: {}\n\n"
PIECES = [PROGRESS, HEARTBEAT, PING, RESULT, COMPLETE]

AS_RECORDED = [
    ClientEvent("progress", '{"progress": 50}'),
    ClientEvent("heartbeat", "{}"),
    ClientEvent("result", '{"response": "grüezi"}'),
    ClientEvent("complete", "{}"),
]
NEW_PROGRESS = ClientEvent("progress", '{"progress": 250}')
ERROR = ClientEvent("error", '{"error":"Model overloaded"}')


@pytest.fixture
def replay_with(replay, make_exchange):
    """A replay server of one stream, with these faults."""

    def start(*lines):
        pieces = [(0, piece) for piece in PIECES]
        stream = make_exchange(pieces, EVENT_STREAM, method="POST", url="http://bot" + STREAM, body=QUESTION)
        return replay(stream, faults=lines)

    return start


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("drop-event type=result", [*AS_RECORDED[:2], AS_RECORDED[3]]),
        ("duplicate-event type=result", [*AS_RECORDED[:3], *AS_RECORDED[2:]]),
        ("reorder-events first=2", [AS_RECORDED[1], AS_RECORDED[0], *AS_RECORDED[2:]]),
        ('insert-event event=error data={"error": "Model overloaded"} after-events=1', [AS_RECORDED[0], ERROR]),
        ("rename-event to=answer type=result", [*AS_RECORDED[:2], ClientEvent("answer", AS_RECORDED[2].data),
                                                AS_RECORDED[3]]),
        ("edit-event pointer=/progress set=250 type=progress", [NEW_PROGRESS, *AS_RECORDED[1:]]),
        ("edit-event pointer=/late set=true type=heartbeat", [AS_RECORDED[0], ClientEvent("heartbeat", '{"late":true}'),
                                                              *AS_RECORDED[2:]]),
        ("edit-event pointer=/response remove", [*AS_RECORDED[:2], ClientEvent("result", "{}"), AS_RECORDED[3]]),
        ("silence", [AS_RECORDED[0], *AS_RECORDED[2:]]),
    ],
)  # fmt: skip
def test_the_platform_gets_other_events(replay_with, line, expected):
    assert events(replay_with(line)) == expected


@pytest.mark.parametrize(
    ("how", "data"),
    [("json", '{"response": "grüezi"'), ("utf8", '{"response"\ufffd: "grüezi"}'), ("cut", '{"response"')],
)
def test_the_platform_survives_what_is_damaged(replay_with, how, data):
    got = events(replay_with(f"corrupt-event type=result how={how}"))
    assert got == [*AS_RECORDED[:2], ClientEvent("result", data), AS_RECORDED[3]]
    with pytest.raises(json.JSONDecodeError):
        json.loads(got[2].data)


@pytest.mark.parametrize(
    ("lines", "pieces"),
    [
        (["drop-event type=result"], [PROGRESS, HEARTBEAT, PING, COMPLETE]),
        (["duplicate-event nth=1"], [PROGRESS + PROGRESS, HEARTBEAT, PING, RESULT, COMPLETE]),
        (["reorder-events first=2"], [HEARTBEAT, PROGRESS, PING, RESULT, COMPLETE]),
        (["insert-event after-bytes=1 data=x"], [PROGRESS, b"data: x\n\n", HEARTBEAT, PING, RESULT, COMPLETE]),
        (["rename-event to=message nth=1"], [b'data: {"progress": 50}\n\n', HEARTBEAT, PING, RESULT, COMPLETE]),
        (["corrupt-event how=utf8 type=heartbeat"],
         [PROGRESS, b"event: heartbeat\ndata: {\xff}\n\n", PING, RESULT, COMPLETE]),
        (["silence"], [PROGRESS, RESULT, COMPLETE]),
        (["silence", "drop-event nth=2", "duplicate-event nth=2"], [PROGRESS, COMPLETE + COMPLETE]),
    ],
)  # fmt: skip
def test_every_other_chunk_is_as_it_was(replay_with, lines, pieces):
    assert chunks(replay_with(*lines).ask(LAST)) == [*pieces, b""]


def test_the_same_seed_shuffles_in_the_same_way(replay_with):
    answers = [replay_with("reorder-events window=4").ask(LAST) for _ in range(2)]
    assert answers[0] == answers[1]
