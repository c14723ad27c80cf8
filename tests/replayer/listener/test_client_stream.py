"""A client's socket on the event loop, with a real client."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import pytest

from replayer.listener.client_stream import READ, ClientStream, accept_on


class Talk:
    """A stream, its client, and what the stream told."""

    def __init__(self, stream: ClientStream, client: socket.socket, received: asyncio.Queue[bytes]) -> None:
        self.stream = stream
        self.client = client
        self.received = received
        self.ended = asyncio.Event()
        self.ends = 0

    def end(self) -> None:
        self.ends += 1
        self.ended.set()

    async def client_reads(self, size: int) -> bytes:
        """Read so many bytes as the client, or all until the end."""
        loop, found = asyncio.get_running_loop(), b""
        while len(found) < size and (data := await loop.sock_recv(self.client, 1 << 20)):
            found += data
        return found


@contextlib.asynccontextmanager
async def talking() -> AsyncIterator[Talk]:
    """A stream that an accepted connection has, which reads."""
    accepted: asyncio.Queue[socket.socket] = asyncio.Queue()
    with socket.create_server(("127.0.0.1", 0)) as listening, socket.socket() as client:
        listening.setblocking(False)
        client.setblocking(False)
        end = accept_on(listening, accepted.put_nowait)
        await asyncio.get_running_loop().sock_connect(client, listening.getsockname())
        received: asyncio.Queue[bytes] = asyncio.Queue()
        talks: list[Talk] = []
        stream = ClientStream(await accepted.get(), received.put_nowait, lambda: talks[0].end())
        talks.append(Talk(stream, client, received))
        end()
        stream.read(wanted=True)
        try:
            yield talks[0]
        finally:
            stream.close()
            await asyncio.wait_for(talks[0].ended.wait(), 20)
            assert talks[0].ends == 1


def of_talk(talk: Callable[[Talk], Coroutine[Any, Any, None]]) -> Callable[[], None]:
    """Decorates a talk: makes a test of it."""

    def run() -> None:
        async def main() -> None:
            async with talking() as one, asyncio.timeout(20):
                await talk(one)

        asyncio.run(main())

    run.__name__ = talk.__name__
    return run


MUCH = bytes(range(256)) * (64 << 10)
"""More than the kernel takes at once."""


@of_talk
async def test_what_arrives_is_handed_on(talk: Talk) -> None:
    talk.client.send(b"hello")
    assert await talk.received.get() == b"hello"
    talk.client.send(b"x" * 3 * READ)
    arrived = [await talk.received.get()]
    while sum(map(len, arrived)) < 3 * READ:
        arrived.append(await talk.received.get())
    assert max(map(len, arrived)) <= READ


@of_talk
async def test_what_is_not_wanted_stays_in_the_kernel(talk: Talk) -> None:
    talk.stream.read(wanted=False)
    assert not talk.stream.reading
    talk.client.send(b"later")
    assert talk.stream.write(b"answer")  # and by the time that this has arrived, so has the other
    assert await talk.client_reads(6) == b"answer"
    assert talk.received.empty()
    talk.stream.read(wanted=True)
    assert await talk.received.get() == b"later"


@of_talk
async def test_a_client_that_closes_its_side_has_left(talk: Talk) -> None:
    talk.client.shutdown(socket.SHUT_WR)
    await talk.ended.wait()
    assert talk.stream.closed
    assert not talk.stream.reading
    assert await talk.client_reads(1) == b""


@of_talk
async def test_what_the_kernel_does_not_take_is_sent_when_it_does(talk: Talk) -> None:
    drained = asyncio.Event()
    assert not talk.stream.write(MUCH)
    assert not talk.stream.write(b"and this")
    talk.stream.when_drained(drained.set)
    assert not drained.is_set()
    assert await talk.client_reads(len(MUCH) + 8) == MUCH + b"and this"
    await drained.wait()
    assert talk.stream.write(b"!")
    assert await talk.client_reads(1) == b"!"


@of_talk
async def test_a_close_drops_what_is_not_sent_and_calls_nobody_but_the_end(talk: Talk) -> None:
    assert not talk.stream.write(MUCH)
    talk.stream.when_drained(lambda: pytest.fail("it was not drained"))
    talk.stream.close()
    talk.stream.close()
    assert talk.ends == 0  # not before the loop's next turn
    await talk.ended.wait()
    assert not talk.stream.write(b"more")
    talk.stream.read(wanted=True)
    assert not talk.stream.reading
    assert len(await talk.client_reads(len(MUCH))) < len(MUCH)


@of_talk
async def test_a_client_that_resets_ends_it(talk: Talk) -> None:
    talk.client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    talk.client.close()
    await talk.ended.wait()
    assert not talk.stream.write(b"x")


@of_talk
async def test_a_client_that_leaves_while_much_is_sent_ends_it(talk: Talk) -> None:
    talk.stream.read(wanted=False)  # so that nothing but the writing notices
    assert not talk.stream.write(MUCH)
    talk.client.close()
    await talk.ended.wait()
