"""Reads the JSON of HAR files as people have them: in other encodings, with small faults, or without their last part.

What is read, though RFC 8259 or HAR 1.2 does not have it:

    a byte order mark, UTF-16                       as UTF-8
    [1, 2,]                                         without the last comma
    NaN, Infinity                                   null
    one half of a surrogate pair                    the replacement character
    {"entries": [...]} or [...] as the whole file   as its log
    {"log": {"entries": [{...}, {...}, {"star       the entries that are whole, and a remark
"""

from __future__ import annotations

import codecs
import json
import re
from typing import Any

import msgspec

from cassettes.har.schema import Har, Log

BOMS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}

LARGEST_FAULTY = 256 << 20
"""Bytes of a file with faults: reading one takes some fifteen times its size in memory."""

ESCAPES = re.compile(rb"\\u[dD][89abAB]..\\u[dD][c-fC-F]..|(\\u[dD][89a-fA-F]..)|\\.", re.DOTALL)
STRING_OR_LAST_COMMA = re.compile(r'"(?:[^"\\]|\\.)*+"|,(?=\s*[}\]])', re.DOTALL)
ENTRIES = re.compile(r'"entries"\s*:\s*\[\s*')
SEPARATOR = re.compile(r"[\s,]*")

CUT = "the file ends within an entry: left out what is behind the last whole one"

_har = msgspec.json.Decoder(Har).decode
_log = msgspec.json.Decoder(Log).decode
_encode = msgspec.json.Encoder().encode


class UnreadableHar(ValueError):
    """No entries can be found in a file."""


def read_log(data: memoryview) -> tuple[Log, list[str]]:
    """Return the log of a file, its entries undecoded, and remarks for a person; raises UnreadableHar."""
    plain = in_utf_8(data)
    try:
        return _har(plain).log, []
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        if len(plain) > LARGEST_FAULTY:
            raise UnreadableHar(
                f"{error}; with such a fault, {LARGEST_FAULTY >> 20} MiB are read at most: save fewer entries"
            ) from None
        return read_faulty(bytes(plain), str(error))


def in_utf_8(data: memoryview) -> memoryview | bytes:
    """Return a file's bytes in UTF-8, without a byte order mark."""
    for mark, encoding in BOMS.items():
        if data[: len(mark)] == mark:
            rest = data[len(mark) :]
            return rest if encoding == "utf-8" else bytes(rest).decode(encoding, "replace").encode()
    if len(data) > 1 and 0 in data[:2]:  # of "{", one byte is NUL then
        return bytes(data).decode("utf-16-be" if data[0] == 0 else "utf-16-le", "replace").encode()
    return data


def read_faulty(data: bytes, fault: str) -> tuple[Log, list[str]]:
    """Return the log of a file that has the `fault`; raises UnreadableHar when it has others, too."""
    whole = ESCAPES.sub(lambda found: rb"\ufffd" if found[1] else found[0], data)
    text = STRING_OR_LAST_COMMA.sub(
        lambda found: "" if found[0] == "," else found[0], whole.decode("utf-8", "replace")
    )
    try:
        value = json.loads(text, strict=False)
        remarks = []
    except (ValueError, RecursionError):
        value, remarks = {"entries": whole_entries(text)}, [CUT]
        if not value["entries"]:
            raise UnreadableHar(f"expected a HAR file in JSON, found something else ({fault})") from None
    return log_of(value), remarks


def log_of(value: Any) -> Log:
    """Return the log that a JSON value is or has; raises UnreadableHar when it has none."""
    if isinstance(value, dict) and isinstance(value.get("log"), dict):
        value = value["log"]
    if isinstance(value, list):
        value = {"entries": value}
    if not isinstance(value, dict) or not isinstance(value.get("entries"), list):
        raise UnreadableHar("expected a HAR file, found JSON without a list of entries")
    entries = [msgspec.Raw(_encode(entry)) for entry in value["entries"]]
    try:
        log = _log(_encode({**value, "entries": []}))
    except msgspec.ValidationError:  # the rest of it is only said
        log = Log(entries=[])
    log.entries = entries
    return log


def whole_entries(text: str) -> list[Any]:
    """Return the entries of a cut file, up to the one that is not whole."""
    begin = ENTRIES.search(text)
    found: list[Any] = []
    if begin is None:
        return found
    decoder, at = json.JSONDecoder(strict=False), begin.end()
    while True:
        try:
            entry, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            return found
        found.append(entry)
        separator = SEPARATOR.match(text, at)
        at = separator.end() if separator else at
