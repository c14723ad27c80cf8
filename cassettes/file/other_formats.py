"""Recognises files that are no cassettes, by how they begin or by their name, and says what makes cassettes of them."""

from __future__ import annotations

import re
import zlib
from pathlib import Path
from shlex import quote
from typing import Literal

from foundation.errors import CassetteError

type OtherFormat = Literal["HAR", "flow", "vcrpy"]
"""What can be made a cassette: a HAR file, a flow file of mitmproxy, or a cassette of vcrpy in YAML or JSON."""

HAR = frozenset({".har"})
FLOWS = frozenset({".flow", ".flows", ".mitm"})

BEGINNING = 4096
"""Bytes of a file by which it is recognised."""

SIGNS = (
    (re.compile(rb'\s*\{\s*"log"\s*:'), "is a HAR file, no cassette: {convert} makes one of it", ".har"),
    (
        re.compile(rb"\d{1,12}:\d{1,12}:"),
        "is a flow file of mitmproxy, no cassette: {convert} makes one of it",
        ".flow",
    ),
    (re.compile(rb"\x28\xb5\x2f\xfd"), "is compressed with Zstandard: name it NAME.jsonl.zst", ".zst"),
    (re.compile(rb"\x1f\x8b"), "is compressed with gzip: unpack it with gunzip", ".gz"),
)
"""How a file of another format begins, what is said of it, and the suffix that its name should have."""


OWN = re.compile(rb'\s*\{\s*"(chatreel|kind)"')
FLOW = re.compile(rb"\d{1,12}:\d{1,12}:")
JSON = re.compile(rb"\s*[\[{]")
OF_HAR = re.compile(rb'"(log|entries|startedDateTime)"')
OF_VCRPY = re.compile(rb'"interactions"\s*:')
VCRPY_YAML = re.compile(rb"(\s|---|#[^\n]*\n|version: *1\s)*interactions:", re.IGNORECASE)
DEFLATED = (b"\x1f\x8b", b"\x78")
"""How gzip (RFC 1952) and zlib (RFC 1950) begin: HAR files are kept in both, `.har.gz` and mitmproxy's `.zhar`."""


def format_of(path: Path) -> OtherFormat | None:
    """Return what a file is by its content, which counts more than its name; None for a cassette or what is unknown."""
    try:
        if not path.is_file():  # what a pipe gives can be read once only
            return None
        with path.open("rb") as file:
            return format_of_beginning(file.read(BEGINNING))
    except OSError:  # who reads it says so
        return None


def format_of_beginning(beginning: bytes) -> OtherFormat | None:
    """Return what a file is that begins so."""
    text = plain_beginning(beginning)
    if OWN.match(text):
        return None
    if FLOW.match(text):
        return "flow"
    if JSON.match(text):
        return "vcrpy" if OF_VCRPY.search(text) else "HAR" if OF_HAR.search(text) else None
    return "vcrpy" if VCRPY_YAML.match(text) else None


def plain_beginning(beginning: bytes) -> bytes:
    """Return the beginning of a file without its compression, its byte order mark and the NULs of UTF-16."""
    if beginning.startswith(DEFLATED):
        try:
            beginning = zlib.decompressobj(zlib.MAX_WBITS | 32).decompress(beginning, BEGINNING)
        except zlib.error:
            return b""
    for mark in (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"):
        beginning = beginning.removeprefix(mark)
    return beginning.replace(b"\0", b"")


def is_foreign(path: Path) -> bool:
    """Return whether a file has a name of another program's, such as `NAME.har`."""
    return path.suffix.lower() in HAR | FLOWS


def check_name(path: Path) -> None:
    """Raise CassetteError for the name of a file of another program, under which no cassette may be written."""
    if is_foreign(path):
        cassette = path.with_suffix(".jsonl")
        made = (
            f", and `{conversion(cassette, path)}` makes the other of it"
            if path.suffix.lower() in HAR
            else ""
        )
        raise CassetteError(f"{path}: a cassette is .jsonl or .jsonl.zst: write {cassette}{made}")


def what_it_is(path: Path, beginning: bytes) -> str | None:
    """Return what a file is that is no cassette, and what to do about it; None when it is not recognised."""
    for sign, said, suffix in SIGNS:
        if sign.match(beginning):
            named = path if is_foreign(path) else path.with_suffix(suffix)
            first = "" if named == path else f"rename it to {named.name}, then "
            convert = f"{first}`{conversion(named, path.with_suffix('.jsonl'))}`"
            return f"{path} {said.format(convert=convert)}"
    return None


def conversion(source: Path, target: Path) -> str:
    """Return the command that converts a file."""
    return f"chatreel convert {quote(str(source))} --out {quote(str(target))}"
