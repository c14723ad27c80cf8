"""Recognises files that are no cassettes, by their name or how they begin, and says what makes cassettes of them."""

from __future__ import annotations

import re
from pathlib import Path
from shlex import quote

from foundation.errors import CassetteError

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
