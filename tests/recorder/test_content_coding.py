from __future__ import annotations

import contextlib
import gzip
import hashlib
import subprocess
import sys
import zlib
from collections.abc import Callable
from itertools import pairwise

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from recorder.content_coding import BrokenCoding, decoder_for


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


def two_members(data: bytes) -> bytes:
    half = len(data) // 2
    return gzip.compress(data[:half]) + gzip.compress(data[half:])


def two_frames(data: bytes) -> bytes:
    half = len(data) // 2
    return zstandard.compress(data[:half]) + zstandard.compress(data[half:])


CODINGS: list[tuple[str, Callable[[bytes], bytes]]] = [
    ("gzip", gzip.compress),
    ("x-gzip", gzip.compress),
    ("GZip", two_members),
    ("deflate", zlib.compress),
    ("deflate", raw_deflate),
    ("br", brotli.compress),
    ("zstd", zstandard.compress),
    ("zstd", two_frames),
    ("gzip, br", lambda data: brotli.compress(gzip.compress(data))),
    ("deflate,identity, zstd", lambda data: zstandard.compress(zlib.compress(data))),
    ("gzip, gzip", lambda data: gzip.compress(gzip.compress(data))),
]


@pytest.mark.parametrize(("coding", "pack"), CODINGS)
@given(data=st.binary(max_size=2000), cuts=st.lists(st.integers(0, 4000), max_size=20))
def test_a_body_in_any_pieces_decodes_as_in_one(coding, pack, data, cuts):
    packed = pack(data)
    places = sorted({0, len(packed), *(cut % (len(packed) + 1) for cut in cuts)})
    decoder = decoder_for(coding)
    assert decoder is not None
    assert b"".join(decoder.feed(packed[begin:end]) for begin, end in pairwise(places)) == data


@pytest.mark.parametrize(
    ("coding", "apart"),
    [  # brotli does not tell where in a piece its data ends
        *((coding, True) for coding in ("gzip", "deflate", "br", "zstd")),
        *((coding, False) for coding in ("gzip", "deflate", "zstd")),
    ],
)
@pytest.mark.parametrize("junk", [b"\x1f\x8b\x08junk", b"(\xb5junk of any kind", bytes(12)])
def test_what_follows_the_body_is_left_out_and_counted(coding, junk, apart):
    packed = dict(CODINGS)[coding](b"the text")
    decoder = decoder_for(coding)
    pieces = [bytes([byte]) for byte in packed + junk] if apart else [packed + junk]
    assert b"".join(map(decoder.feed, pieces)) == b"the text"
    assert decoder.excess == len(junk)


@pytest.mark.parametrize(("coding", "pack"), CODINGS)
def test_a_body_byte_by_byte(coding, pack):
    data = hashlib.sha256(b"not easily packed").digest() * 9
    packed = pack(data)
    decoder = decoder_for(coding)
    assert decoder is not None
    assert b"".join(decoder.feed(packed[i : i + 1]) for i in range(len(packed))) == data


@pytest.mark.parametrize("coding", ["gzip", "deflate", "zstd"])
def test_what_a_server_flushed_is_there_at_once(coding):
    packer = {
        "gzip": zlib.compressobj(wbits=31),
        "deflate": zlib.compressobj(),
        "zstd": zstandard.ZstdCompressor().compressobj(),
    }[coding]
    flush = zstandard.COMPRESSOBJ_FLUSH_BLOCK if coding == "zstd" else zlib.Z_SYNC_FLUSH
    decoder = decoder_for(coding)
    assert decoder is not None
    for event in (b"data: 1\n\n", b"data: 2\n\n"):
        assert decoder.feed(packer.compress(event) + packer.flush(flush)) == event


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
@given(data=st.binary(max_size=200))
def test_any_bytes_are_decoded_or_called_broken(coding, data):
    decoder = decoder_for(coding)
    assert decoder is not None
    with contextlib.suppress(BrokenCoding):
        decoder.feed(data)
        assert isinstance(decoder.feed(data), bytes)


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "gzip, br"])
def test_garbage_is_broken(coding):
    decoder = decoder_for(coding)
    assert decoder is not None
    with pytest.raises(BrokenCoding):
        decoder.feed(b"\xffdefinitely not packed, whatever the header says")


@pytest.mark.parametrize(
    "coding",
    ["", "identity", "compress", "x-own", "gzip, x-own", "identity, identity", ",".join(["gzip"] * 6)],
)
def test_codings_that_are_left_alone(coding):
    assert decoder_for(coding) is None


def test_what_follows_a_deflated_body_is_not_kept():
    decoder = decoder_for("deflate")
    assert decoder is not None
    assert decoder.feed(zlib.compress(b"body") + b"more") == b"body"
    assert decoder.feed(b"and more") == b""
    assert decoder.excess == len(b"moreand more")


# Each bomb is a program's expression for a small body that becomes a gigabyte or more.
BOMBS = {
    "gzip": "zipped(31)",
    "gzip of many members": "gzip.compress(bytes(1 << 20)) * 1024",
    "deflate": "zipped(15)",
    "deflate, raw": "zipped(-15)",
    "br": "brotli.compress(bytes(1 << 27), quality=1)",
    "zstd": "frame(7)",
    "zstd with a window of 1 GiB": "frame(20)",
    "gzip, gzip": "gzip.compress(zipped(31))",
}
PROGRAM = """
import gzip, resource, sys, zlib, brotli
from recorder.content_coding import BrokenCoding, decoder_for

def zipped(wbits):
    packer = zlib.compressobj(wbits=wbits)
    first, block = (packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    return first + block * 1023

def frame(exponent):  # RFC 8878: blocks of one byte that is repeated 128 Ki times
    block = ((1 << 17) << 3 | 1 << 1).to_bytes(3, "little") + b"x"
    return b"\\x28\\xb5\\x2f\\xfd\\x00" + bytes([exponent << 3]) + block * (1 << 13)

bomb = %s
coding = "gzip, gzip" if sys.argv[1] == "gzip, gzip" else sys.argv[1].replace(",", "").split()[0]
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    decoder_for(coding, 8 << 20).feed(bomb)
except BrokenCoding as error:
    print(error)
else:
    print("nothing was noticed")
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) >> 10)
"""


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_takes_no_more_memory_than_a_few_times_the_bound(bomb):
    out = subprocess.run(
        [sys.executable, "-c", PROGRAM % BOMBS[bomb], bomb],
        capture_output=True,
        text=True,
        check=True,
        timeout=50,
    ).stdout.splitlines()
    assert out[0] in {
        "it unpacks to too much",
        "zstd decompressor error: Frame requires too much memory for decoding",
    }
    assert int(out[1]) < 80, "MiB beside a bound of 8"
