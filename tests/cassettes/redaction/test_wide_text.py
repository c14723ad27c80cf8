from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cassettes.redaction.incremental_text import IncrementalText
from cassettes.redaction.key_finder import MARKS, KeyFinder
from cassettes.redaction.known_secrets import KnownSecrets
from cassettes.redaction.stand_ins import StandIns
from cassettes.redaction.wide_text import AnyWidthText, as_utf8

KEY = b"a key that tests may keep secret"


def redacted(*pieces: bytes) -> bytes:
    text = AnyWidthText(IncrementalText(KnownSecrets(StandIns(KEY), MARKS), [KeyFinder()]))
    written = []
    for piece in pieces:
        if text.quiet(piece):
            text.skip(piece)
            written.append(piece)
        else:
            written.append(text.feed(piece))
    return b"".join(written) + text.feed(b"", final=True)


@given(
    st.text(max_size=12),
    st.sampled_from(["utf-8", "utf-16", "utf-16-le", "utf-16-be"]),
    st.lists(st.integers(0, 120), max_size=4),
)
def test_every_width_and_split_gives_the_same_text(note, codec, cuts):
    text = json.dumps({"note": note, "password": "hunter2x9", "then": note}, ensure_ascii=False)
    data = text.encode(codec, "surrogatepass")
    places = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    result = redacted(*(data[begin:end] for begin, end in pairwise(places)))
    assert len(result) == len(data)
    assert result.decode(codec, "surrogatepass") == text.replace("hunter2x9", standin())


def standin() -> str:
    return StandIns(KEY)(b"hunter2x9").decode()


@pytest.mark.parametrize("data", [b"", b"{", b"\xff\xfe", b"\0", b'{\0"', b"a\0\0"])
def test_short_and_odd_ones_stay(data):
    assert redacted(data) == data
    assert redacted(*(data[at : at + 1] for at in range(len(data)))) == data


def test_the_text_that_is_compared_is_utf_8():
    assert as_utf8('{"é": 1}'.encode("utf-16")) == '{"é": 1}'.encode()
    assert as_utf8(b"{}") == b"{}"
