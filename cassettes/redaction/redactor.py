"""Takes the secrets out of records before they are written; principle 4 of the design.

In each place a secret gets a stand-in of the same length, so chunk boundaries and `Content-Length` stay true.
What was found to be secret once is replaced wherever else it occurs later, if it is no word and no number. Secrets are
found by the names of headers and cookies (`secret_headers`), by the names before values in any text (`key_finder`), by
their shape (`shape_finder`), and by the rules that a user adds (`pattern_finder`, `pointer_finder`); `known_secrets`
finds them again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import Any

import msgspec

from cassettes.model import AnyRecord, Chunk, End, Header, Loss, Request, Response, Unknown, WebSocketMessage
from cassettes.redaction import secret_headers
from cassettes.redaction.delta_finder import FIELDS, DeltaFinder
from cassettes.redaction.framed_text import AWS_EVENT_STREAM, FramedText
from cassettes.redaction.incremental_text import IncrementalText, SecretFinder
from cassettes.redaction.key_finder import MARKS, KeyFinder, Kind, words_of
from cassettes.redaction.known_secrets import KnownSecrets
from cassettes.redaction.pattern_finder import PatternFinder
from cassettes.redaction.pointer_finder import PointerFinder
from cassettes.redaction.redaction_stream import RedactionStream
from cassettes.redaction.rules import HeaderRule, NameRule, PatternRule, PointerRule, Rule
from cassettes.redaction.secret_shapes import PREFIXES
from cassettes.redaction.shape_finder import ShapeFinder
from cassettes.redaction.stand_ins import StandIns
from cassettes.redaction.wide_text import AnyWidthText, RedactedText
from foundation.http.headers import Headers, media_type

BINARY = ("image/", "audio/", "video/", "font/")
BINARY_TYPES = frozenset(
    f"application/{kind}"
    for kind in ("octet-stream", "zip", "gzip", "zstd", "pdf", "wasm", "x-tar", "x-7z-compressed")
)

TEXT = 1
"""The opcode of a text message of WebSocket."""

STREAMS = frozenset(
    ["text/event-stream", AWS_EVENT_STREAM, "application/json", "application/x-ndjson", "application/ndjson",
     "application/jsonl", "application/json-seq", "application/stream+json", "application/x-json-stream"]
)  # fmt: skip
"""Media types of bodies that may be events, whose pieces are looked at together."""


class Redactor:
    """Redacts one recording, or several that are to link up. For one thread.

    What the rules in `keep` find is not replaced. `secrets` are known to be secret before they occur; like all others
    they are followed when they have 6 to 8192 bytes and are no word or number. `key` is 16 to 64 random bytes: with it
    a stand-in can be made for a guessed secret, so it is not to be kept. `seen` is called with the kind and the
    spelling of each value that is replaced. With values that are `known`, only these are replaced.
    """

    def __init__(
        self,
        rules: Sequence[Rule] = (),
        keep: Sequence[Rule] = (),
        *,
        key: bytes,
        secrets: Sequence[str] = (),
        seen: Callable[[str, bytes], None] = lambda _kind, _spelled: None,
        known: KnownSecrets | None = None,
    ) -> None:
        self._names = [rule.name for rule in rules if isinstance(rule, NameRule)]
        marks = [*MARKS, *PREFIXES, *FIELDS, *words_of(self._names)]
        self._known = known or KnownSecrets(StandIns(key), marks, seen)
        self._finding = known is None
        self._before = self._known.replacements  # those that are not this redactor's
        for secret in secrets:
            self._known.learn(secret.encode(), "given")
        self._rules = rules
        self._keep = keep
        self._headers = frozenset(rule.name for rule in rules if isinstance(rule, HeaderRule))
        self._kept_headers = frozenset(rule.name for rule in keep if isinstance(rule, HeaderRule))
        self._kept_names = [rule.name for rule in keep if isinstance(rule, NameRule)]
        self._streams: dict[int, RedactionStream] = {}
        self._key_finders: dict[int, KeyFinder] = {}  # of the streams
        self.answers: dict[str, int] = {}  # in how many responses words of a name were replaced as secrets

    @property
    def found(self) -> bool:
        """Return whether there are values that are replaced wherever they occur."""
        return any(True for _ in self._known)

    def again(self) -> Redactor:
        """Return a redactor that replaces the values which this one has found, and finds no others."""
        return Redactor(self._rules, self._keep, key=b"", known=self._known)

    @property
    def changed(self) -> bool:
        """Return whether anything was replaced so far."""
        return self._known.replacements > self._before

    @property
    def replaced(self) -> dict[str, int]:
        """Return how many different values of each kind were replaced; `COUNTED` means that many or more."""
        return {kind: len(seen) for kind, seen in sorted(self._known.replaced.items())}

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
            released = [*stream.close(), record]
            for name in self._key_finders.pop(record.exchange).replaced_words:
                self.answers[name] = self.answers.get(name, 0) + 1
            return released
        return stream.wait(record)

    def _begin(self, response: Response) -> None:
        """The body of this response comes next; what an earlier one of the exchange holds back stays in order."""
        if response.exchange not in self._streams:
            self._open(response.exchange, media_type(response.headers))

    def _stream(self, number: int) -> RedactionStream:
        return self._streams.get(number) or self._open(number, "")

    def _open(self, number: int, media: str) -> RedactionStream:
        keys = self._key_finders[number] = self._key_finder("text")
        stream = self._streams[number] = RedactionStream(self._body_text(media, keys, streamed=True))
        return stream

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
            case WebSocketMessage():
                changes["data"] = self._message(record)
            case End():
                changes["message"] = self._string(record.message, "text")
                changes["trailers"] = self._header_values(record.trailers)
            case Loss():
                changes["reason"] = self._string(record.reason, "text")
            case Unknown() | Chunk():
                pass
        changes["extra"] = self._extra(record.extra)
        changed = {name: value for name, value in changes.items() if value != getattr(record, name)}
        return msgspec.structs.replace(record, **changed) if changed else record

    def _message(self, message: WebSocketMessage) -> bytes:
        """The data of a message: text may be JSON, and in other data only known secrets are searched for."""
        media = "application/json" if message.opcode == TEXT else "application/octet-stream"
        return self._body_text(media, self._key_finder("text")).feed(message.data, final=True)

    def _header_values(self, headers: Headers) -> Headers:
        """Structured headers by their structure, the others as text that may hold a url."""
        return tuple((name, self._header_value(name, value)) for name, value in headers)

    def _header_value(self, name: str, value: str) -> str:
        lower = name.lower()
        if lower in self._kept_headers:
            return value
        data, codec = _encoded(value)
        if not self._finding:
            return _decoded(IncrementalText(self._known).feed(data, final=True), codec)
        secrets = secret_headers.secrets(name, data, asked=lower in self._headers)
        if not secrets and not secret_headers.holds_secret(name):
            return self._string(value, "url")
        return _decoded(IncrementalText(self._known).feed(data, final=True, secrets=secrets), codec)

    def _body(self, request: Request) -> bytes:
        media = media_type(request.headers)
        form = media == "application/x-www-form-urlencoded"
        return self._body_text(media, self._key_finder("form" if form else "text")).feed(
            request.body, final=True
        )

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
        return _decoded(self._text(self._key_finder(kind)).feed(data, final=True), codec)

    def _body_text(self, media: str, keys: KeyFinder, *, streamed: bool = False) -> RedactedText:
        """Binary media are searched for known secrets only: what looks like a secret there is chance."""
        if media.startswith(BINARY) or media in BINARY_TYPES:
            return IncrementalText(self._known)
        text = self._text(keys, media, streamed=streamed)
        return FramedText(text) if media == AWS_EVENT_STREAM else AnyWidthText(text)

    def _text(self, keys: KeyFinder, media: str = "", *, streamed: bool = False) -> IncrementalText:
        finders: list[SecretFinder] = []
        if self._finding:
            finders = [keys, ShapeFinder(), *_rule_finders(self._rules, media)]
        if streamed and media in STREAMS:
            patterns = [rule for rule in self._rules if self._finding and isinstance(rule, PatternRule)]
            finders.append(DeltaFinder(self._known, patterns, shapes=self._finding))
        return IncrementalText(self._known, finders, _rule_finders(self._keep, media))

    def _key_finder(self, kind: Kind) -> KeyFinder:
        return KeyFinder(kind, asked=self._names, kept=self._kept_names)


def _rule_finders(rules: Sequence[Rule], media: str) -> list[SecretFinder]:
    """The finders of patterns and, where the body is JSON or SSE, of pointers."""
    finders: list[SecretFinder] = [PatternFinder(rule) for rule in rules if isinstance(rule, PatternRule)]
    paths = [rule.path for rule in rules if isinstance(rule, PointerRule)]
    if paths and (media == "text/event-stream" or media.endswith(("/json", "+json"))):
        finders.append(PointerFinder(paths, events=media == "text/event-stream"))
    return finders


def _encoded(value: str) -> tuple[bytes, str]:
    """The bytes of a header or url: those of the wire where it came from there, UTF-8 where a person wrote it."""
    try:
        return value.encode("latin-1"), "latin-1"
    except UnicodeEncodeError:
        return value.encode("utf-8", "surrogatepass"), "utf-8"


def _decoded(data: bytes, codec: str) -> str:
    return data.decode(codec, "surrogatepass" if codec == "utf-8" else "strict")
