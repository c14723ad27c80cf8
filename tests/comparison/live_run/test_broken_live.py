"""Chatbots that are down, slow or speak something else: a result with a reason, never a crash."""

from __future__ import annotations

import asyncio
import socket
import struct

import pytest
from msgspec.structs import replace

from cassettes.file.reader import Cassette
from comparison.live_run import recording_at
from comparison.live_run.recorded_chatbot import MOST_UNANSWERED
from foundation.clock import SECOND
from foundation.errors import CassetteError, UsageError
from tests.cassettes.talk import Talk
from tests.comparison.live_run.bot import EVENTS, Bot, Received, event, job_talk, reply

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def sessions(count: int) -> Talk:
    talk = Talk()
    for number in range(count):
        talk.add(f"/a/{number}", answer={})
    return talk


@pytest.fixture
def closed_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return f"127.0.0.1:{free.getsockname()[1]}"


def test_a_chatbot_that_is_down_is_said_and_not_asked_for_ever(run, closed_port):
    done = asyncio.run(run(sessions(40), f"http://{closed_port}", concurrency=1))
    assert done.hows == ["unanswered"] * MOST_UNANSWERED + ["not-asked"] * (40 - MOST_UNANSWERED)
    assert done.whys[0] == f"http://{closed_port} cannot be reached: Connection refused"
    assert done.whys[-1] == (
        f"{MOST_UNANSWERED} requests in a row had no answer ({done.whys[0]}), so no more were made"
    )
    assert len(done.exchanges) == MOST_UNANSWERED
    assert len(done.result.failures) == 40


def reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@pytest.mark.parametrize(
    ("said", "then", "how", "why"),
    [
        (b"SSH-2.0-OpenSSH_9\r\n", None, "unanswered", "the upstream sent no HTTP/1.1 answer: "),
        (b"", None, "unanswered", "it closed the connection without an answer"),
        (b"HTTP/1.1 200 OK\r\n", None, "unanswered", "it closed the connection without an answer"),
        (b"", reset, "unanswered", "it reset the connection without an answer"),
        (
            b"HTTP/1.1 200 OK\r\nX: " + b"x" * 300_000,
            None,
            "unanswered",
            "the upstream sent no HTTP/1.1 answer: its head has no end",
        ),
        (b"", "wait", "unanswered", "it sent nothing for 0.3 seconds"),
        (EVENTS + b"3\r\nab", "wait", "gave-up", "it sent nothing for 0.3 seconds"),
        (EVENTS + b"nonsense\r\n", None, "gave-up", "the upstream sent no HTTP/1.1 answer: "),
        (EVENTS + b"3\r\nab", None, "answered", ""),
        (HEAD + b"Content-Length: 9\r\n\r\n{}", None, "answered", ""),
        (HEAD + b"\r\n{}", None, "answered", ""),
        (b"HTTP/1.0 401 Who\r\n\r\n", None, "answered", ""),
    ],
)
def test_a_chatbot_without_manners_is_a_result(run, raw_server, read_request, said, then, how, why):
    def talk(connection):
        read_request(connection)
        connection.sendall(said)
        if then == "wait":
            connection.recv(1)
        elif then is not None:
            then(connection)

    patience = 300_000 if then == "wait" else 10 * SECOND
    done = asyncio.run(run(sessions(1), raw_server(talk).url, timeout=patience))
    (result,) = done.result.exchanges
    assert (result.how, result.live) == (how, (0,))
    assert result.why.startswith(why)
    assert bool(result.why) == bool(why)
    (exchange,) = done.exchanges
    assert (exchange.response is None) == (how == "unanswered")
    assert exchange.end.how != "unfinished"


def test_tls_where_there_is_none_is_a_reason(run, raw_server, read_request):
    server = raw_server(lambda connection: connection.sendall(b"HTTP/1.1 400 Bad\r\n\r\n"))
    done = asyncio.run(run(sessions(1), server.url.replace("http:", "https:")))
    assert done.hows == ["unanswered"]
    assert "cannot be reached: TLS failed" in done.whys[0]


def test_an_authority_that_is_none_is_refused(run, tmp_path):
    wrong = tmp_path / "ca.pem"
    wrong.write_text("none")
    with pytest.raises(UsageError, match="--upstream-ca"):
        asyncio.run(run(sessions(1), "https://127.0.0.1:1", authority=wrong))


def test_a_file_that_exists_is_kept(run, tmp_path, closed_port):
    (tmp_path / "live.jsonl").write_text("mine")
    with pytest.raises(CassetteError, match="exists"):
        asyncio.run(run(sessions(1), f"http://{closed_port}"))
    assert (tmp_path / "live.jsonl").read_text() == "mine"


def test_what_had_no_answer_when_it_was_recorded_does_not_count_as_down(live):
    talk = sessions(MOST_UNANSWERED + 2)
    for number in range(MOST_UNANSWERED + 1):
        one = talk.exchanges[number]
        talk.exchanges[number] = replace(one, response=None, chunks=())
    done, _ = live(talk, lambda request: reply() if request.target == "/a/11" else b"", concurrency=1)
    assert done.hows == ["unanswered"] * (MOST_UNANSWERED + 1) + ["answered"]


@pytest.mark.parametrize(
    ("recorded", "how"), [("server-closed", "answered"), ("reset", "unanswered"), ("error", "unanswered")]
)
def test_a_connection_that_ended_so_before_is_answered_so(live, recorded, how):
    talk = sessions(1)
    one = talk.exchanges[0]
    talk.exchanges[0] = replace(one, response=None, chunks=(), end=replace(one.end, how=recorded))
    done, _ = live(talk, lambda _: b"")
    assert done.hows == [how]
    assert done.lives == [(0,)]


def test_a_request_that_was_not_recorded_whole_is_not_asked(written, run, closed_port):
    path = written(sessions(1))
    lines = path.read_text().splitlines()
    loss = (
        '{"kind":"loss","exchange":0,"at":0,"reason":"request body beyond the bound","records":1,"bytes":9}'
    )
    path.write_text("\n".join([*lines[:2], loss, *lines[2:]]) + "\n")
    done = asyncio.run(run(path, f"http://{closed_port}"))
    assert done.whys == ["its request was not recorded whole"]


def test_a_run_that_is_cancelled_keeps_what_it_recorded(run, tmp_path):
    async def main():
        def answer(request: Received):
            return stream() if request.method == "POST" else reply()

        async def stream():
            yield EVENTS + event({"progress": 10})
            begun.set()
            await asyncio.get_running_loop().create_future()

        begun = asyncio.Event()
        async with Bot(answer) as bot:
            task = asyncio.create_task(run(job_talk("running"), bot.url))
            await begun.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    asyncio.run(main())
    with Cassette.open(tmp_path / "live.jsonl") as live:
        (exchange,) = live.exchanges()
    assert exchange.end.how == "client-closed"
    assert exchange.body == b'data: {"progress": 10}\n\n'


def test_a_recording_that_nobody_saves_is_removed(tmp_path):
    with recording_at(None) as path:
        path.write_text("x")
    assert not path.parent.exists()
    with recording_at(tmp_path / "a.jsonl") as path:
        path.write_text("x")
    assert path.exists()


def test_a_client_that_hung_up_hangs_up_again(live):
    talk = Talk()
    talk.add("/stream", body={}, answer={"progress": 10})
    one = talk.exchanges[0]
    talk.exchanges[0] = replace(one, end=replace(one.end, how="client-closed"))

    async def stream(_request: Received):
        yield EVENTS + event({"progress": 10})
        await asyncio.get_running_loop().create_future()

    done, _ = live(talk, stream)
    assert done.hows == ["answered"]
    assert done.exchanges[0].end.how == "client-closed"
    assert len(done.exchanges[0].chunks) == 1


def test_a_recording_that_cannot_be_written_is_no_result_to_trust(live, tmp_path):
    def answer(_request: Received) -> bytes:
        (tmp_path / "live.jsonl").rename(tmp_path / "gone.jsonl")
        (tmp_path / "live.jsonl").write_bytes((tmp_path / "gone.jsonl").read_bytes())
        (tmp_path / "gone.jsonl").unlink()
        return reply()

    done, _ = live(sessions(1), answer)
    assert done.result.lost == "the live recording is incomplete"
    assert done.hows == ["gave-up"]
    assert done.whys == ["its answer could not be recorded"]
    assert any("the file was removed" in line for line in done.reported)
