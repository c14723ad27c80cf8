"""Client sessions: who each client is, where it is in the recording, and which tokens are its own."""

from __future__ import annotations

from bisect import insort
from collections import Counter, OrderedDict
from collections.abc import Iterable, Iterator
from typing import Literal

from replayer.exchange_number import RecordedSession, ReplayExchange
from replayer.selection.answers_due import AnswersDue
from replayer.selection.known_spellings import KnownSpellings
from replayer.selection.token_minting import mint

MOST_SESSIONS = 10_000
"""Client sessions at a time; of more, the one that was idle for the longest is forgotten."""

LONGEST_IDLE = 3_600_000_000
"""Microseconds after which an idle session is forgotten."""

ATTEMPTS = 100
"""How often a token is minted until no other session has it; a token too short for that stays shared."""

type Tokens = Literal["minted", "recorded"]


class ClientSession:
    """One client's conversation with the replay. Times are microseconds of the server's clock.

    `bound` has the recorded sessions that it plays, in the order in which they were bound, each with its exchanges
    that were played, sorted. `live` maps each recorded token that the client was given to its own value, `recorded`
    the other way; `spelled` finds its own values in any spelling (percent-encoded, as JSON escapes ...). `served` is
    when each exchange was played last. By the fingerprint of a request, `requests` has how often it came, `answers`
    what it can get, and `all_bound` whether every recorded session that it begins is bound.
    """

    def __init__(self, number: int, began: int) -> None:
        self.number = number
        self.began = began
        self.used = began
        self.bound: dict[RecordedSession, list[ReplayExchange]] = {}
        self.binding_order: list[RecordedSession] = []
        self.live: dict[str, str] = {}
        self.recorded: dict[str, str] = {}
        self.spelled = KnownSpellings()
        self.served: dict[ReplayExchange, int] = {}
        self.requests: Counter[bytes] = Counter()
        self.answers: dict[bytes, AnswersDue] = {}
        self.all_bound: set[bytes] = set()
        self._turns: Counter[tuple[bytes, bool]] = Counter()

    def bind(self, recorded: RecordedSession) -> None:
        """Bind a recorded session, unless it is bound already."""
        if recorded not in self.bound:
            self.bound[recorded] = []
            self.binding_order.append(recorded)

    def play(self, number: ReplayExchange, recorded: RecordedSession, now: int) -> None:
        """Note that an exchange of a recorded session was played at `now`."""
        if number not in self.served:
            insort(self.bound[recorded], number)
        self.served[number] = now

    def turn(self, key: bytes, *, with_cookies: bool) -> int:
        """How often this request came before, with its session's cookies or without; this time is counted."""
        turn = self._turns[key, with_cookies]
        self._turns[key, with_cookies] += 1
        self.requests[key] += 1
        return turn


class ClientSessions:
    """All client sessions, by their tokens. With `tokens` "recorded" a token belongs to the client that got it last.

    At most `most_sessions` are kept, and none that was idle for longer than `LONGEST_IDLE`.
    """

    def __init__(
        self, *, seed: int = 0, tokens: Tokens = "minted", most_sessions: int = MOST_SESSIONS
    ) -> None:
        self._seed = seed
        self._tokens = tokens
        self._most_sessions = most_sessions
        self.clear()

    def __len__(self) -> int:
        return len(self._sessions)

    def __iter__(self) -> Iterator[ClientSession]:
        return iter(tuple(self._sessions.values()))

    def __contains__(self, session: ClientSession) -> bool:
        return self._sessions.get(session.number) is session

    def clear(self) -> None:
        """Forget all sessions; the next one has number 0 again."""
        self._sessions: OrderedDict[int, ClientSession] = OrderedDict()
        self._owners: dict[str, ClientSession] = {}
        self._opened = 0

    def open(self, now: int) -> ClientSession:
        """Open a session at `now`, and forget those that were idle for too long."""
        while self._sessions:
            oldest = next(iter(self._sessions.values()))
            if len(self._sessions) < self._most_sessions and now - oldest.used < LONGEST_IDLE:
                break
            self._forget(oldest)
        session = self._sessions[self._opened] = ClientSession(self._opened, now)
        self._opened += 1
        return session

    def owners(self, values: Iterable[str]) -> list[ClientSession]:
        """The sessions that have one of these values as a token, in the order of the values."""
        found = (self._owners.get(value) for value in values)
        return list(dict.fromkeys(session for session in found if session is not None))

    def tokens(self) -> list[str]:
        """The tokens of all sessions."""
        return list(self._owners)

    def touch(self, session: ClientSession, now: int) -> None:
        """Note that a session was used at `now`."""
        session.used = now
        self._sessions.move_to_end(session.number)

    def token(self, session: ClientSession, recorded: str) -> str:
        """The session's own value for a recorded token, minted when it is needed first."""
        live = session.live.get(recorded)
        if live is None:
            live = session.live[recorded] = self._mint(session, recorded)
            session.recorded[live] = recorded
            session.spelled.add(live)
        if self._owners.get(live) is not session:
            self._owners[live] = session
        return live

    def _mint(self, session: ClientSession, recorded: str) -> str:
        if self._tokens == "recorded":
            return recorded
        for attempt in range(ATTEMPTS):
            live = mint(recorded, seed=self._seed, session=session.number, attempt=attempt)
            if live not in self._owners:
                return live
        return recorded

    def _forget(self, session: ClientSession) -> None:
        del self._sessions[session.number]
        for live in session.recorded:
            if self._owners.get(live) is session:
                del self._owners[live]
