"""Takes the secrets out of records before they are written; principle 4 of the design.

In each place a secret gets a stand-in of the same length, so chunk boundaries and `Content-Length` stay true.
What was found to be secret once is replaced wherever else it occurs later. Three things find secrets: the names
of headers and cookies (`headers`), the names before values in any text (`keys`), and the rules that a user adds
(`patterns`, `pointers`); one thing finds them again (`known`).

Not found: a secret that occurred before it was known to be one, one that a chatbot spells out over several events,
one in base64 or in a compressed body that could not be decoded.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

import msgspec

from cassettes import model
from cassettes.model import AnyRecord, Chunk, End, Header, Loss, Request, Response, Unknown
from cassettes.redaction import secret_headers
from cassettes.redaction.incremental_text import IncrementalText, SecretFinder
from cassettes.redaction.key_finder import KeyFinder, Kind
from cassettes.redaction.known_secrets import KnownSecrets
from cassettes.redaction.pattern_finder import PatternFinder
from cassettes.redaction.pointer_finder import PointerFinder
from cassettes.redaction.redaction_stream import RedactionStream
from cassettes.redaction.rules import HeaderRule, PatternRule, PointerRule, Rule
from cassettes.redaction.stand_ins import StandIns
from foundation.http.headers import Headers, media_type

BINARY = ("image/", "audio/", "video/", "font/")
BINARY_TYPES = frozenset(
    f"application/{kind}"
    for kind in ("octet-stream", "zip", "gzip", "zstd", "pdf", "wasm", "x-tar", "x-7z-compressed")
)


class Redactor:
    """Redacts one recording, or several that are to link up. For one thread.

    `secrets` are known to be secret before they occur; like all others they are followed when they have 6 to 8192
    bytes and are no word that the traffic is made of. `key` is 16 to 64 random bytes: with it a stand-in can be made
    for a guessed secret, so it is not to be kept.
    """

    def __init__(self, rules: Sequence[Rule] = (), *, key: bytes, secrets: Sequence[str] = ()) -> None:
        self._known = KnownSecrets(StandIns(key))
        for secret in secrets:
            self._known.learn(secret.encode(), strict=False)
        self._headers = frozenset(rule.name for rule in rules if isinstance(rule, HeaderRule))
        self._patterns = [rule for rule in rules if isinstance(rule, PatternRule)]
        self._paths = [rule.path for rule in rules if isinstance(rule, PointerRule)]
        self._streams: dict[int, RedactionStream] = {}

    def feed(self, records: Sequence[AnyRecord]) -> list[AnyRecord]:
        """The records that can be written now.

        A chunk whose end may be the beginning of a secret is held back, and with it the later records of its
        exchange; other exchanges go on. The `End` of an exchange releases all of it.
        """
        released: list[AnyRecord] = []
        for chunks, run in groupby(records, key=lambda record: type(record) is Chunk):
            if chunks:
                released += self._chunks(list(run))  # type: ignore[arg-type]  # groupby has sorted them
            else:
                for record in run:
                    released += self._record(record)
        return released

    def close(self) -> list[AnyRecord]:
        """Whatever is still held back."""
        streams, self._streams = self._streams, {}
        return [record for stream in streams.values() for record in stream.close()]

    def _chunks(self, chunks: list[Chunk]) -> Sequence[AnyRecord]:
        """Mostly nothing is secret, and all chunks of an exchange are looked at at once.

        Otherwise they go one after the other, so that a secret of one exchange is known to those behind it.
        """
        together: dict[int, list[Chunk]] = {}
        for chunk in chunks:
            together.setdefault(chunk.exchange, []).append(chunk)
        quiet = {number: self._stream(number).quiet(own) for number, own in together.items()}
        if None not in quiet.values():
            for number, data in quiet.items():
                self._streams[number].skip(data or b"")
            return chunks
        runs = groupby(chunks, key=lambda chunk: chunk.exchange)
        return [record for number, run in runs for record in self._streams[number].feed(list(run))]

    def _record(self, record: AnyRecord) -> list[AnyRecord]:
        """A record that is no chunk. What it teaches is already replaced in all of it."""
        learned = self._known.learned
        redacted = self._redacted(record)
        if self._known.learned > learned:
            redacted = self._redacted(record)
        if isinstance(record, Response):
            self._begin(record)
        return self._in_order(redacted)

    def _in_order(self, record: AnyRecord) -> list[AnyRecord]:
        if isinstance(record, Header):
            return [*self.close(), record]  # another recording begins, which counts its exchanges anew
        number = getattr(record, "exchange", None)
        stream = self._streams.get(number) if number is not None else None
        if stream is None:
            return [record]
        if isinstance(record, End):
            del self._streams[record.exchange]
            return [*stream.close(), record]
        return stream.wait(record)

    def _begin(self, response: Response) -> None:
        """The body of this response comes next; what an earlier one of the exchange holds back stays in order."""
        if response.exchange not in self._streams:
            self._streams[response.exchange] = RedactionStream(
                self._body_text(media_type(response.headers), "text")
            )

    def _stream(self, number: int) -> RedactionStream:
        if number not in self._streams:
            self._streams[number] = RedactionStream(IncrementalText(self._known, self._finders("text")))
        return self._streams[number]

    def _redacted(self, record: AnyRecord) -> AnyRecord:
        changes: dict[str, Any] = {}
        match record:
            case Header():
                changes["upstream"] = self._string(record.upstream, "url")
            case Request():
                changes["headers"] = self._header_values(record.headers)
                changes["url"] = self._string(record.url, "url")
                changes["body"] = self._body(record)
            case Response():
                changes["headers"] = self._header_values(record.headers)
                changes["reason"] = self._string(record.reason, "text")
            case End():
                changes["message"] = self._string(record.message, "text")
            case Loss():
                changes["reason"] = self._string(record.reason, "text")
            case Unknown() | Chunk():
                pass
        changes["extra"] = self._extra(record.extra)
        changed = {name: value for name, value in changes.items() if value != getattr(record, name)}
        return msgspec.structs.replace(record, **changed) if changed else record

    def _header_values(self, headers: Headers) -> Headers:
        """Structured headers by their structure, the others as text that may hold a url."""
        return tuple((name, self._header_value(name, value)) for name, value in headers)

    def _header_value(self, name: str, value: str) -> str:
        if not secret_headers.is_structured(name, self._headers):
            return self._string(value, "url")
        data, codec = _encoded(value)
        secrets = secret_headers.secrets(name, data)
        return _decoded(IncrementalText(self._known).feed(data, final=True, secrets=secrets), codec)

    def _body(self, request: Request) -> bytes:
        media = media_type(request.headers)
        form = media == "application/x-www-form-urlencoded"
        return self._body_text(media, "form" if form else "text").feed(request.body, final=True)

    def _extra(self, extra: Mapping[str, Any]) -> Mapping[str, Any]:
        """Fields of a later version, as the JSON that they are in the file."""
        if not extra:
            return extra
        before = json.dumps(extra)
        after = self._string(before, "text")
        return extra if after == before else json.loads(after)

    def _string(self, value: str, kind: Kind) -> str:
        if not value:
            return value
        data, codec = _encoded(value)
        return _decoded(IncrementalText(self._known, self._finders(kind)).feed(data, final=True), codec)

    def _body_text(self, media: str, kind: Kind) -> IncrementalText:
        """Binary media are searched for known secrets only: what looks like a rule's match there is chance."""
        if media.startswith(BINARY) or media in BINARY_TYPES:
            return IncrementalText(self._known)
        finders = self._finders(kind)
        if self._paths and (media == "text/event-stream" or media.endswith(("/json", "+json"))):
            finders.append(PointerFinder(self._paths, events=media == "text/event-stream"))
        return IncrementalText(self._known, finders)

    def _finders(self, kind: Kind) -> list[SecretFinder]:
        return [KeyFinder(kind), *(PatternFinder(rule) for rule in self._patterns)]


def _encoded(value: str) -> tuple[bytes, str]:
    """The bytes of a header or url: those of the wire where it came from there, UTF-8 where a person wrote it."""
    try:
        return value.encode("latin-1"), "latin-1"
    except UnicodeEncodeError:
        return value.encode("utf-8", "surrogatepass"), "utf-8"


def _decoded(data: bytes, codec: str) -> str:
    return data.decode(codec, "surrogatepass" if codec == "utf-8" else "strict")


def redacted(records: Iterable[model.AnyRecord], rules: Sequence[Rule]) -> Iterator[model.AnyRecord]:
    """The records of a cassette, redacted; each recording in it has its own stand-ins."""
    redactor = Redactor(rules, key=secrets.token_bytes(32))
    for record in records:
        if isinstance(record, model.Header):
            yield from redactor.close()
            redactor = Redactor(rules, key=secrets.token_bytes(32))
        yield from redactor.feed([record])
    yield from redactor.close()
