"""Finds the kind of secret that a name announces, in the table of `secret_kinds`."""

from __future__ import annotations

import re
from functools import lru_cache

from cassettes.redaction.secret_kinds import JUDGED, NAME_KINDS, ORDINARY_WORDS, NameKind, Place

WORD = re.compile(rb"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
NAMES_KEPT = 4096

LONG_STEMS = tuple(
    b"passw passphrase passcode pwd kennwort secret token apikey api_key api-key api.key privatekey private_key "
    b"private-key private.key accesskey access_key access-key subscriptionkey subscription_key subscription-key "
    b"authorization authentication credential signature assertion session_id sessionid session-id sessid samlresponse "
    b"mfa_code mfacode otp_code otpcode verification_code verificationcode one_time_code".split()
)
SHORT_STEMS = (b"key", b"keys", b"pin", b"otp", b"jwt", b"sid", b"sig", b"auth", b"cvv", b"cvc")
NAME_ENDS = (b'"', b"'", b"=", b"\\", b"%3d", b"%5b", b"[", b"]=", b"%5d=")

STEMS = (*LONG_STEMS, *(stem + end for stem in SHORT_STEMS for end in NAME_ENDS))
"""Words in lower case, one of which is in every secret name, with what follows it when it is short."""


def plain(name: bytes) -> bytes:
    """Return a name as it is compared."""
    return name.lower().translate(None, b"-_. ")


def kind_of(name: bytes, place: Place) -> NameKind | None:
    """Return the kind of secret that a name announces in a place; None when it announces none."""
    return _kind_of(name, place) if len(name) <= 128 else None


@lru_cache(maxsize=NAMES_KEPT)
def _kind_of(name: bytes, place: Place) -> NameKind | None:
    bare = plain(name).decode("latin-1")
    spellings = (bare,) if place == "header" else (bare, bare.removesuffix("s"))
    for kind in NAME_KINDS:
        if place in kind.places and any(_announces(kind, spelled) for spelled in spellings):
            if kind.kind == "key" and not _is_word(name, "key"):
                return None
            judged = kind.value in JUDGED or place == "header"
            return None if judged and _is_ordinary(name) else kind
    return None


def _announces(kind: NameKind, bare: str) -> bool:
    return bare in kind.names or bare.endswith(kind.endings)


def _is_word(name: bytes, word: str) -> bool:
    """Return whether the last word of a name is this one, as in `signing_key` and unlike `monkey`."""
    words = WORD.findall(name)
    return bool(words) and words[-1].decode().lower().removesuffix("s") == word


def _is_ordinary(name: bytes) -> bool:
    return any(word.decode().lower() in ORDINARY_WORDS for word in WORD.findall(name))
