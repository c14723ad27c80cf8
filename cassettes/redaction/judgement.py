"""Decides whether a value is the secret that its name announces, and whether it is followed to other places.

Redaction and matching judge alike: what is replaced in a recording need only be present in a request that is replayed,
and everything else is compared. A stand-in keeps the kinds of a value's characters, by which these tests go, so that a
recorded request is judged as the one that was sent.
"""

from __future__ import annotations

import re

from cassettes.redaction.randomness import SHORTEST, SPACE, is_composed, is_random, is_wordlike
from cassettes.redaction.secret_kinds import JUDGED, NameKind, Place
from cassettes.redaction.secret_names import kind_of
from cassettes.redaction.secret_shapes import shape_of
from cassettes.redaction.spans import Follow
from cassettes.redaction.stand_ins import NUMBER, canonical

LONG_AMONG_WORDS = 32
"""Bytes of the shortest random value under a name whose earlier values were words."""

REFERENCE = re.compile(
    rb"\$\{\{?[^{}]*\}\}?|\$[A-Z][A-Z0-9_]+|\{\{[^{}]*\}\}|\{[a-z_.]*\}|<[^<>]*>|%\(\w+\)s|[*.\xe2\x80\xa6-]+|x{3,}"
    rb"|(?:os\.environ|os\.getenv|process\.env|import\.meta\.env|getenv|env|config|settings|self|args)\b[.(\[].*"
    rb"|same-origin|include|omit|required|undefined|null|none|true|false"
)
"""What stands for a value, or says that there is none: a variable, a placeholder, an option of `fetch`."""

CODE = re.compile(rb"[A-Za-z_$][\w$.]*[(\[{].*")
"""A call or an index in a programming language, by its beginning."""


def is_secret(
    kind: NameKind,
    value: bytes,
    place: Place,
    *,
    number: bool = False,
    among_words: bool = False,
    any_placeholder: bool = False,
) -> bool:
    """Return whether a value, in its canonical spelling, is a secret of this kind.

    `number` says that it is a JSON number; `among_words` says that earlier values of the name were words, as in the
    stream of an answer. With `any_placeholder`, what stands for a secret counts as one where the name alone decides.
    """
    judged = kind.value in JUDGED
    if not value or (REFERENCE.fullmatch(value) and (judged or not any_placeholder)):
        return False
    if place == "header" and not judged:
        return not number
    if place == "code" and (is_wordlike(value) or (CODE.fullmatch(value) and not is_random(value))):
        return False
    match kind.value:
        case "any":
            return True
        case "unspaced":
            return not number and not SPACE.search(value)
        case "unwordly":
            return not number and not SPACE.search(value) and len(value) >= 4 and not is_wordlike(value)
        case "code number":
            digits = sum(0x30 <= byte <= 0x39 for byte in value)
            return len(value) <= 10 and digits >= 3 and 2 * digits >= len(value) and b"." not in value
        case "random":
            shortest = LONG_AMONG_WORDS if among_words else SHORTEST
            return not number and (is_random(value, shortest) or shape_of(value) is not None)


def is_followed(value: bytes, follow: Follow) -> bool:
    """Return whether a value, in its canonical spelling, is replaced wherever else it occurs."""
    if follow == "never" or NUMBER.fullmatch(value) or REFERENCE.fullmatch(value):
        return False
    if is_random(value) or shape_of(value) is not None or (follow != "random" and is_composed(value)):
        return True
    if follow == "given":
        return not value.isalnum() or not is_wordlike(value)
    return follow == "asked" and (b"@" in value or not is_wordlike(value))


def is_secret_field(name: str, value: str) -> bool:
    """Return whether a text is a secret by the JSON key that it stands under."""
    kind = kind_of(name.encode("utf-8", "surrogatepass"), "json")
    return kind is not None and is_secret(kind, canonical(value.encode("utf-8", "surrogatepass")), "json")
