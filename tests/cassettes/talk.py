"""Recorded conversations for tests, an exchange a line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from msgspec.structs import replace

from cassettes.model import AnyRecord, Chunk, End, Exchange, Request, Response

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"
SIGNED = "eyJ1c2VyIjoxfQ.ZzC1aA.8c2d1Qm0u8Zc5oS8n0a8gq1bX7s"


class Talk:
    """Exchanges in the order in which they are added; it is a source of them as a cassette is."""

    def __init__(self, exchanges: Iterable[Exchange] = (), *, origin: str = "http://bot.example") -> None:
        self.exchanges = list(exchanges)
        self.origin = origin

    def __len__(self) -> int:
        return len(self.exchanges)

    def exchange(self, number: int) -> Exchange:
        return self.exchanges[number]

    def add(
        self,
        target: str,
        *,
        cookies: str = "",
        headers: Sequence[tuple[str, str]] = (),
        body: Any = None,
        gives: Sequence[str] = (),
        answer: Any = None,
        method: str = "",
    ) -> int:
        """One more exchange, `gives` being what it sets as cookies; its number."""
        number = len(self.exchanges)
        json_type = ("Content-Type", "application/json")
        asked = [
            *headers,
            *([("Cookie", cookies)] if cookies else []),
            *([json_type] if body is not None else []),
        ]
        data = b"" if answer is None else json.dumps(answer).encode()
        at = number * 1000
        self.exchanges.append(
            Exchange(
                number=number,
                request=Request(
                    exchange=number,
                    at=at,
                    method=method or ("GET" if body is None else "POST"),
                    url=f"{self.origin}{target}",
                    http="1.1",
                    headers=tuple(asked),
                    body=b"" if body is None else json.dumps(body).encode(),
                ),
                response=Response(
                    exchange=number,
                    at=at + 1,
                    status=200,
                    reason="OK",
                    headers=(
                        json_type,
                        *(("Set-Cookie", f"{cookie}; Path=/") for cookie in gives),
                        ("Content-Length", str(len(data))),
                    ),
                ),
                chunks=(Chunk(exchange=number, at=at + 2, data=data),) if data else (),
                end=End(exchange=number, at=at + 3, how="complete"),
            )
        )
        return number

    def at(self, number: int, at: int) -> None:
        """An exchange happened at that time, in microseconds."""
        old = self.exchanges[number]
        by = at - old.request.at
        self.exchanges[number] = replace(
            old,
            request=replace(old.request, at=at),
            response=old.response and replace(old.response, at=old.response.at + by),
            chunks=tuple(replace(chunk, at=chunk.at + by) for chunk in old.chunks),
            end=replace(old.end, at=old.end.at + by),
        )

    def records(self) -> list[AnyRecord]:
        """All records of a cassette but its header."""
        parts = ((one.request, one.response, *one.chunks, one.end) for one in self.exchanges)
        return [record for part in parts for record in part if record is not None]
