r"""Makes stand-ins, which are written in the place of secrets: of the same length in bytes and of the same alphabet.

A value has many spellings: percent-escaped in a url, with `\/` or `\u00e9` in JSON. All of them are read as one
*canonical* value. The stand-in is made from that, and written in the spelling that was found, so a session that is a
cookie here and a part of a url there is still recognisably the same one after redaction:

    spelled       canonical    stand-in     written
    s%2Fab-9      s/ab-9       k/qx-4       k%2Fqx-4
    s\/ab-9       s/ab-9       k/qx-4       k\/qx-4

A digit becomes a digit, a letter a letter of the same case, hexadecimal stays hexadecimal, a number keeps its form, a
non-ASCII character becomes a neighbour of the same length in UTF-8, and punctuation stays. What a secret is recognised
by stays as well: the stand-in of sk-proj-Ab1... begins with sk-proj-.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import NamedTuple

from cassettes.redaction.secret_shapes import shape_of

DIGITS, LOWER, UPPER = b"0123456789", b"abcdefghijklmnopqrstuvwxyz", b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
HEX = re.compile(rb"[^A-Za-z]*(?:[a-fA-F][^A-Za-z]*)+")
NUMBER = re.compile(rb"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
UNIT = re.compile(
    rb"%[0-9A-Fa-f]{2}"
    rb"|\\+u[dD][89abAB][0-9A-Fa-f]{2}\\+u[dD][c-fC-F][0-9A-Fa-f]{2}"
    rb"|\\+u[0-9A-Fa-f]{4}"
    rb"|\\+[\"'/bfnrt]?"
    rb"|.",
    re.DOTALL,
)
ESCAPED = {b"": b"\\", b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t"}
ESCAPED |= {mark: mark for mark in (b"/", b'"', b"'")}
RAW = re.compile(rb"[^%\\]+")
CUT_UNIT = re.compile(
    rb"(?:%[0-9A-Fa-f]?|\\+(?:u[0-9A-Fa-f]{0,3})?"
    rb"|\\+u[dD][89abAB][0-9A-Fa-f]{2}(?:\\+(?:u[0-9A-Fa-f]{0,3})?)?)\Z"
)
REMEMBERED = 1 << 16
"""Stand-ins that are cached; an older one is computed again when its value occurs again."""

ATTEMPTS = 100
"""How often a stand-in is drawn, at most, until it differs from the value and contains no escape by chance."""


class Unit(NamedTuple):
    """One character as it is spelled, and the bytes that it means."""

    spelled: bytes
    meant: bytes


class StandIns:
    """Makes the stand-ins of one recording; `key` is 16 to 64 random bytes, which are not to be stored."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._known: dict[bytes, bytes] = {}
        self._own: dict[bytes, None] = {}

    def __call__(self, spelled: bytes) -> bytes:
        """Return the stand-in of a value in the spelling of that value; the stand-in of a stand-in is itself."""
        found = self._known.get(spelled)
        if found is None:
            found = self._known[spelled] = self._respell(spelled)
            _forget_oldest(self._known)
        return found

    def is_own(self, canonical_value: bytes) -> bool:
        """Return whether a canonical value is a stand-in that was made here."""
        return canonical_value in self._own

    def parts(self, spelled: Sequence[bytes]) -> list[bytes]:
        """Return the stand-in of a value that is spelled in several pieces, cut where the value is cut."""
        cut = [units(piece) for piece in spelled]
        whole = self(b"".join(unit.meant for piece in cut for unit in piece))
        parts, at = [], 0
        for piece in cut:
            written = []
            for unit in piece:
                written.append(_spell_like(unit, whole[at : at + len(unit.meant)]))
                at += len(unit.meant)
            parts.append(b"".join(written))
        return parts

    def _respell(self, spelled: bytes) -> bytes:
        found = units(spelled)
        meant = b"".join(unit.meant for unit in found)
        if meant in self._own:
            return spelled
        standin = self._replace(meant)
        self._own[standin] = None
        _forget_oldest(self._own)
        if meant == spelled:
            return standin
        pieces, at = [], 0
        for unit in found:
            pieces.append(_spell_like(unit, standin[at : at + len(unit.meant)]))
            at += len(unit.meant)
        return b"".join(pieces)

    def _replace(self, value: bytes) -> bytes:
        alphabets = _alphabets(value)
        if all(len(alphabet) == 1 for alphabet in alphabets):
            return value
        standin = value
        for attempt in range(ATTEMPTS):
            noise = zip(alphabets, self._keystream(value, attempt), strict=False)
            drawn = bytes(alphabet[byte % len(alphabet)] for alphabet, byte in noise)
            standin = _with_check(drawn, alphabets)
            if standin != value and canonical(standin) == standin and _alphabets(standin) == alphabets:
                break
        return standin

    def _keystream(self, value: bytes, attempt: int) -> bytes:
        seed = hashlib.blake2b(value, key=self._key, salt=attempt.to_bytes(16, "big")).digest()
        blocks = range((len(value) + 63) // 64)
        return b"".join(hashlib.blake2b(block.to_bytes(8, "big"), key=seed).digest() for block in blocks)


def is_stand_in(spelled: bytes) -> bool:
    """Return whether a value may be a stand-in, of this or any other recording, by its check characters.

    One that is too short to have some may be one. Of other values, one in 10 000 or fewer looks like one; one in 100 if
    it has less than 12 letters and digits.
    """
    value = canonical(spelled)
    return _with_check(value, _alphabets(value)) == value


def _with_check(value: bytes, alphabets: list[bytes]) -> bytes:
    """Return a value whose last letters and digits are a checksum of what is before them.

    It has no key, so that anybody can tell a stand-in from a secret that was left in a cassette.
    """
    free = [place for place, alphabet in enumerate(alphabets) if len(alphabet) > 1]
    places = free[-4:] if len(free) >= 12 else free[-2:] if len(free) >= 6 else []
    if not places:
        return value
    checked = bytearray(value)
    for place in places:
        checked[place] = 0
    checksum = hashlib.blake2b(checked, person=b"stand-in", digest_size=4).digest()
    for place, byte in zip(places, checksum, strict=False):
        checked[place] = alphabets[place][byte % len(alphabets[place])]
    return bytes(checked)


def canonical(spelled: bytes) -> bytes:
    """Return the canonical value of a spelling."""
    if b"%" not in spelled and b"\\" not in spelled:
        return spelled
    return b"".join(unit.meant for unit in units(spelled))


def compare(text: bytes, start: int, value: bytes) -> int | None:
    """Return where `value`, in any spelling, ends in a text if it begins at `start`; None if it is not there.

    A place beyond the end of the text means that the text ends within what may become the value.
    """
    if text.startswith(value, start):
        return start + len(value)
    place, done = start, 0
    while done < len(value):
        cut = CUT_UNIT.match(text, place)
        if place == len(text) or cut:
            return len(text) + 1
        found = RAW.match(text, place, place + len(value) - done) or UNIT.match(text, place)
        assert found is not None  # every byte is a unit
        meant = found[0] if found[0][:1] not in (b"%", b"\\") else _meaning(found[0])
        if not value.startswith(meant, done):
            return None
        place, done = found.end(), done + len(meant)
    return place


def _forget_oldest(table: dict[bytes, bytes] | dict[bytes, None]) -> None:
    if len(table) > REMEMBERED:
        del table[next(iter(table))]


def units(spelled: bytes) -> list[Unit]:
    """Return the characters of a text as they are spelled, each with what it means."""
    if b"%" not in spelled and b"\\" not in spelled:
        return [Unit(spelled, spelled)]
    return [Unit(piece, _meaning(piece)) for piece in UNIT.findall(spelled)]


def _meaning(piece: bytes) -> bytes:
    if len(piece) == 1:
        return piece
    if piece[:1] == b"%":
        return bytes.fromhex(piece[1:].decode())
    escape = piece.lstrip(b"\\")
    if escape[:1] == b"u":
        words = [bytes.fromhex(word[1:5].decode()) for word in re.findall(rb"u.{4}", escape)]
        return b"".join(words).decode("utf-16-be", "surrogatepass").encode("utf-8", "surrogatepass")
    return ESCAPED[escape]


def _spell_like(unit: Unit, meant: bytes) -> bytes:
    r"""Write `meant` the way `unit` is written: raw, `%41` or `\u0041`, with as many backslashes."""
    if meant == unit.meant:
        return unit.spelled
    if unit.spelled[:1] == b"%":
        escaped = b"%%%02X" % meant[0]
        return escaped if unit.spelled.upper() == unit.spelled else escaped.lower()
    if unit.spelled[:1] != b"\\":
        return meant
    words = meant.decode("utf-8", "surrogatepass").encode("utf-16-be", "surrogatepass")
    prefixes = re.findall(rb"\\+u", unit.spelled)
    return b"".join(
        prefix + words[2 * place : 2 * place + 2].hex().encode() for place, prefix in enumerate(prefixes)
    )


def _alphabets(value: bytes) -> list[bytes]:
    """Return for each byte the bytes that may replace it."""
    if NUMBER.fullmatch(value):
        return _number_alphabets(value)
    shape = shape_of(value)
    kept = shape[1] if shape else ()
    table = HEX_TABLE if HEX.fullmatch(value, kept[0][1] if kept else 0) else TABLE
    alphabets = [table[byte] for byte in value]
    for start, end in kept:
        alphabets[start:end] = [bytes([byte]) for byte in value[start:end]]
    return alphabets


def _number_alphabets(value: bytes) -> list[bytes]:
    """Return the digits for each digit; a leading one becomes no zero, and a zero stays, because JSON forbids 007."""
    alphabets = [DIGITS if byte in DIGITS else bytes([byte]) for byte in value]
    first = 1 if value[:1] == b"-" else 0
    alphabets[first] = b"0" if value[first : first + 1] == b"0" else DIGITS[1:]
    return alphabets


def _table(lower: bytes, upper: bytes) -> list[bytes]:
    """Return the alphabet of each byte; the high bits of a UTF-8 continuation byte stay, so that it remains valid."""
    table = [bytes([byte]) for byte in range(256)]
    for alphabet, members in ((DIGITS, DIGITS), (lower, LOWER), (upper, UPPER)):
        for byte in members:
            table[byte] = alphabet
    for byte in range(0x80, 0xC0):
        table[byte] = bytes(range(byte & 0xF0, (byte & 0xF0) + 16))
    return table


TABLE = _table(LOWER, UPPER)
HEX_TABLE = _table(LOWER[:6], UPPER[:6])
