"""The messages between a replay and the process that handles what is large.

Each message of the replay gets one reply. A request is loaded, then perhaps translated and compared; the process
keeps it until the next one is loaded. Bodies go through files, whose names the messages have.
"""

from __future__ import annotations

from typing import IO

import msgspec

from cassettes.file.reader import LinePlace
from foundation.http.headers import Headers
from foundation.processes import receive_frame, send_frame
from replayer.matching.differences import RequestDifference
from replayer.matching.fresh_values import FreshValue
from replayer.matching.matcher import Match
from replayer.schedule.actions import Finish, Head
from replayer.schedule.pace import Pace


class LoadRequest(msgspec.Struct, tag=True):
    """Read a request whose body is `body`, or the file `body_file`, decode it and find `tokens` in it."""

    method: str
    url: str
    headers: Headers
    match: Match
    body: bytes = b""
    body_file: str = ""
    tokens: list[str] = []


class RequestLoaded(msgspec.Struct, tag=True):
    """The tokens that the request sends, in their order, and its fingerprint."""

    tokens: list[str]
    key: bytes


class TranslateRequest(msgspec.Struct, tag=True):
    """Replace tokens in the loaded request, and be ready to compare and save that one: {"live": "recorded"}."""

    recorded: dict[str, str]


class RequestTranslated(msgspec.Struct, tag=True):
    """The fingerprint of the translated request."""

    key: bytes


class CompareRequest(msgspec.Struct, tag=True):
    """Compare the request with recorded ones, and return the `nearest` ones with the fewest differences."""

    candidates: list[LinePlace]
    nearest: int


class RequestCompared(msgspec.Struct, tag=True):
    """The places of the nearest candidates in their list, the nearest first, and their differences."""

    nearest: list[tuple[int, list[RequestDifference]]]


class SaveBody(msgspec.Struct, tag=True):
    """Write the body of the request, as it is sent on, to a file."""

    path: str


class UnpackAnswer(msgspec.Struct, tag=True):
    """Write the body of a recorded answer to a file, for clients that ask `origin` and sent these `fresh` values.

    `tokens` are those of its session.
    """

    lines: list[LinePlace]
    origin: str
    pace: Pace
    fresh: tuple[FreshValue, ...]
    tokens: list[str]
    path: str


class AnswerUnpacked(msgspec.Struct, tag=True):
    """A recorded answer without its body.

    `requested_at` is when the request was recorded; `head` is None when there is no response. The other fields are
    arrays of numbers: for each chunk its time ("q") and its end in the file ("Q"); for each token in the body where it
    starts and stops in the file ("Q"), its place in `tokens` ("I"), and how it is spelled ("B", see `TokenMatch`).
    """

    requested_at: int
    head: Head | None
    finish: Finish
    times: bytes
    ends: bytes
    tokens: list[str]
    token_starts: bytes
    token_stops: bytes
    token_values: bytes
    token_spellings: bytes


class Done(msgspec.Struct, tag=True):
    """What was asked is done."""


class Failed(msgspec.Struct, tag=True):
    """What was asked cannot be done, and why, for a person."""

    error: str


type Question = LoadRequest | TranslateRequest | CompareRequest | SaveBody | UnpackAnswer
type Reply = RequestLoaded | RequestTranslated | RequestCompared | AnswerUnpacked | Done | Failed

_encode = msgspec.msgpack.Encoder().encode
_decode_question = msgspec.msgpack.Decoder(Question).decode
_decode_reply = msgspec.msgpack.Decoder(Reply).decode


def send(pipe: IO[bytes], message: Question | Reply) -> None:
    """Write a message; raises OSError when the other process has closed the pipe."""
    send_frame(pipe, _encode(message))


def receive_question(pipe: IO[bytes]) -> Question | None:
    """Read the next question; returns None when the pipe ends."""
    data = receive_frame(pipe)
    return None if data is None else _decode_question(data)


def receive_reply(pipe: IO[bytes]) -> Reply | None:
    """Read the next reply; returns None when the pipe ends, because the process has died."""
    data = receive_frame(pipe)
    return None if data is None else _decode_reply(data)
