"""Random traffic to two replays of the same cassettes: one that remembers, and one that works out everything anew.

Both must answer with the same bytes at the same times, write the same journal, and have the same client sessions:
`make differential`, or `python -m tests.replayer.random_traffic REQUESTS`. The suite runs a short one.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import math
import random
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from cassettes.samples import resolve
from foundation.clock import SECOND
from replayer.faults.language.plan import FaultPlan, plan_of
from replayer.http1.encoder import Script
from replayer.http1.incoming import Incoming
from replayer.http1.known_requests import KnownRequests
from replayer.http1.limits import Bounds
from replayer.http1.request_parser import RequestParser
from replayer.matching.index import MatchIndex
from replayer.matching.options import parse_match
from replayer.responder import ReplayOptions, Responder
from replayer.schedule.pace import Pace
from replayer.selection.recordings import Recordings
from replayer.selection.selector import SelectionRules

type Asked = tuple[bytes, bytes, bytes]
"""Method, target and body of a recorded request."""

HOSTS = ("127.0.0.1:5000", "127.0.0.1:5000", "127.0.0.1:5000", "localhost:5000", "bot.example")
PACES = (Pace(), Pace(speed=2), Pace(speed=math.inf), Pace(max_gap=SECOND))
FAULTS = (
    "delay time=1s path=/nowhere",
    "duplicate-event type=progress",
    "rotate-cookie name=session_id",
    "forget-job nth=3",
    "swap-session nth=2",
    "drop-cookie name=AWSALB probability=0.5",
)
OPTIONS = (
    ReplayOptions(seed=7),
    ReplayOptions(rules=SelectionRules(after_last="loop")),
    ReplayOptions(rules=SelectionRules(after_last="miss", polls="by-time")),
    ReplayOptions(tokens="recorded"),
    ReplayOptions(lost_session="404"),
    ReplayOptions(match=parse_match(["-method,-body"], [])),
)

SET_COOKIE = re.compile(rb"(?i)\r\nset-cookie: ([^=;\r\n]+)=([^;\r\n]*)")
JOB_ID = re.compile(rb'"job_id": ?"([^"]+)"')


class SteppingClock:
    """A clock that moves when it is told to."""

    def __init__(self) -> None:
        self.time = 10 * SECOND

    def now(self) -> int:
        return self.time

    def wall(self) -> dt.datetime:
        return dt.datetime(2027, 1, 31, 23, 59, 50, tzinfo=dt.UTC) + dt.timedelta(microseconds=self.time)

    def sleep(self, seconds: float) -> None:
        self.time += round(seconds * SECOND)


@dataclass
class RandomClient:
    """A client that keeps its cookies and its job, more or less."""

    cookies: dict[bytes, bytes] = field(default_factory=dict)
    job: bytes = b"none"

    def learn(self, answer: bytes) -> None:
        """Take the cookies and the job of an answer."""
        self.cookies.update(SET_COOKIE.findall(answer))
        if found := JOB_ID.search(answer):
            self.job = found[1]


class Side:
    """One of the two replays; requests come to it on connections that it shares."""

    def __init__(self, recordings: Recordings, index: MatchIndex, options: ReplayOptions, clock: SteppingClock,
                 *, remembers: bool) -> None:  # fmt: skip
        more = {} if remembers else {"kept": 0}
        self.responder = Responder(recordings, index, Pace(), lambda _line: None, options, clock, **more)
        self._known = KnownRequests() if remembers else None
        self._parser = RequestParser(Bounds(), self._known)

    def answer(self, data: bytes, at: int) -> list[Any]:
        """What each request in the data is answered with."""
        ready = self._parser.feed(data, at)
        if self._parser.finished:
            self._parser = RequestParser(Bounds(), self._known)
        return [self.responder(one) if isinstance(one, Incoming) else one for one in ready]

    def state(self) -> list[Any]:
        """The journal, and all that is known of each client session."""
        sessions = [
            (one.number, one.began, one.used, one.bound, one.live, one.served, one.requests)
            for one in self.responder.sessions
        ]
        journal = self.responder.journal
        return [list(journal), journal.counts, journal.plays, sessions]


def compare(count: int, seed: int, options: ReplayOptions, cassettes: Sequence[Path]) -> int:
    """Send so many requests to both sides; returns how many of the answers were the same. Raises AssertionError."""
    chance, clock = random.Random(seed), SteppingClock()  # noqa: S311 - traffic, no secret
    with contextlib.ExitStack() as stack:
        sides = []
        for remembers in (True, False):
            index = MatchIndex(match=options.match)
            recordings = stack.enter_context(Recordings.open(cassettes, index.add))
            sides.append(Side(recordings, index, options, clock, remembers=remembers))
        clients = [RandomClient() for _ in range(6)]
        asked = list(recorded_requests(sides[0].responder.recordings))
        same = 0
        for number in range(count):
            clock.time += chance.choice((0, 1, 700, 90_000, 1_100_000))
            if chance.random() < 0.01:
                change(chance, sides)
            client = chance.choice(clients)
            data = request(chance, client, clients, asked)
            answers = [side.answer(data, clock.time) for side in sides]
            assert answers[0] == answers[1], (number, data)
            for answer in answers[0]:
                if isinstance(answer, Script):
                    client.learn(b"".join(frame.data for frame in answer.frames))
            same += 1
            if number % 97 == 0 or number == count - 1:
                assert sides[0].state() == sides[1].state(), number
    return same


def recorded_requests(recordings: Recordings) -> Iterator[Asked]:
    """Method, target and body of each recorded request."""
    for number in range(len(recordings)):
        found = recordings.request(number)  # type: ignore[arg-type]  # a plain number
        target = "/" + found.url.split("/", 3)[3]
        yield found.method.encode(), target.encode(), found.body


def change(chance: random.Random, sides: Sequence[Side]) -> None:
    """Change what all answers depend on, at both sides alike."""
    what = chance.choice(("pace", "plan", "no plan", "reset", "journal"))
    pace, line = chance.choice(PACES), chance.choice(FAULTS)
    for side in sides:
        responder = side.responder
        match what:
            case "pace":
                responder.pace = pace
            case "plan":
                responder.injector.plan = plan_of([line], seed=3)
            case "no plan":
                responder.injector.plan = FaultPlan()
            case "reset":
                responder.reset()
            case _:
                responder.journal.clear()


def request(
    chance: random.Random,
    client: RandomClient,
    clients: Sequence[RandomClient],
    asked: Sequence[Asked],
) -> bytes:
    """A request that a client could send, well behaved or not."""
    method, target, body = chance.choice(asked)
    if target.startswith(b"/jobs/"):
        job = chance.choice((client.job, client.job, client.job, chance.choice(clients).job))
        target = b"/jobs/" + job
    cookies = client.cookies
    match chance.randrange(20):
        case 0:
            cookies = {}
        case 1:
            cookies = chance.choice(clients).cookies
        case 2:
            client.cookies.clear()
        case 3:
            target += b"?x=%d" % chance.randrange(3)
        case 4:
            method = b"HEAD" if method == b"GET" else method
    lines = [
        b"%b %b HTTP/%b" % (method, target, chance.choice((b"1.1", b"1.1", b"1.1", b"1.0"))),
        b"Host: " + chance.choice(HOSTS).encode(),
        *([b"Cookie: " + b"; ".join(b"%b=%b" % pair for pair in sorted(cookies.items()))] if cookies else []),
        *([b"Content-Type: application/json", b"Content-Length: %d" % len(body)] if body else []),
    ]
    return b"\r\n".join([*lines, b"", body])


def write_cassettes(folder: Path) -> list[Path]:
    """The samples, and a cassette of what they lack: cookies that expire, urls, and a token that two chunks share."""
    records: list[dict[str, Any]] = [
        {
            "chatreel": 1,
            "created": "2026-05-01T12:00:00.400000Z",
            "recorder": "test",
            "upstream": "https://bot.example",
        }
    ]
    for session in range(4):
        token, job = f"s{session}a1b2c3+/d4e5", f"job-{session}77f3a9"
        cookie = [
            "Set-Cookie",
            f"sid={token}; Domain=bot.example; Secure; Expires=Fri, 01 May 2026 13:00:0{session} GMT",
        ]
        body = json.dumps({"query": f"Question {session % 2}"})
        first = {"job_id": job, "polling_url": f"https://bot.example/jobs/{job}"}
        chunks = [json.dumps(first)[:20], json.dumps(first)[20:]]
        records += exchange(3 * session, "POST", "/ask", body, [], [cookie], chunks)
        for poll in (1, 2):
            sent = [["Cookie", f"sid={token}"]]
            answer = [json.dumps({"job_id": job, "progress": poll, "at": "https://bot.example:443/x"})]
            records += exchange(
                3 * session + poll, "GET", f"/jobs/{job}", "", sent, [cookie] * (poll == 2), answer
            )
    own = folder / "own.jsonl"
    own.write_bytes(b"".join(msgspec.json.encode(record) + b"\n" for record in records))
    return [own, *map(resolve, ("job", "stream", "history", "health", "error"))]


def exchange(
    number: int,
    method: str,
    path: str,
    body: str,
    sent: Sequence[Any],
    issued: Sequence[Any],
    chunks: Sequence[str],
) -> list[dict[str, Any]]:
    """The records of an exchange."""
    at, length = 1_000_000 * number, sum(map(len, chunks))
    head = {"status": 200, "reason": "OK", "headers": [["Content-Type", "application/json"], *issued]}
    if number % 2:
        head["headers"] += [["Content-Length", str(length)]]  # type: ignore[operator]  # a list
    else:
        head["headers"] += [["Transfer-Encoding", "chunked"]]  # type: ignore[operator]
    request = {
        "method": method,
        "url": f"https://bot.example{path}",
        "http": "1.1",
        "headers": sent,
        "body": body,
    }
    return [
        {"kind": "request", "exchange": number, "at": at, **request},
        {"kind": "response", "exchange": number, "at": at + 1000, **head},
        *(
            {"kind": "chunk", "exchange": number, "at": at + 2000 + place, "data": data}
            for place, data in enumerate(chunks)
        ),
        {"kind": "end", "exchange": number, "at": at + 9000, "how": "complete"},
    ]


if __name__ == "__main__":
    each = int(sys.argv[1]) // len(OPTIONS)
    with tempfile.TemporaryDirectory() as folder:
        files = write_cassettes(Path(folder))
        done = sum(compare(each, place, options, files) for place, options in enumerate(OPTIONS))
    print(f"{done:,} requests: the same bytes, journal and sessions, remembered or reasoned anew")
