from __future__ import annotations

from pathlib import Path

import click
import pytest

from cassettes.samples import samples
from chatreel.cli.common_options import ADDRESS, CASSETTE, DURATION, SIZE, Address, url
from foundation.errors import CassetteError


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("0", 0),
        ("512", 512),
        ("512B", 512),
        ("10kB", 10_000),
        ("10 kB", 10_000),
        ("10k", 10_000),
        ("1K", 1000),
        ("1.5MB", 1_500_000),
        ("5M", 5_000_000),
        ("1GB", 10**9),
        ("2TB", 2 * 10**12),
        ("64KiB", 65_536),
        ("1MiB", 2**20),
        ("1Gi", 2**30),
        ("1TiB", 2**40),
    ],
)
def test_sizes(text: str, size: int) -> None:
    assert SIZE.convert(text, None, None) == size
    assert SIZE.convert(size, None, None) == size


@pytest.mark.parametrize(
    "text",
    ["", "B", "x", "-1", "1e3", "1.MB", ".5MB", "10PB", "5i", "5iB", "10kbit", "1 000", "٣", "9" * 400],
)
def test_what_is_no_size(text: str) -> None:
    with pytest.raises(click.BadParameter, match="is no size; write 512, 10kB, 5MB or 1GiB"):
        SIZE.convert(text, None, None)


@pytest.mark.parametrize(
    ("text", "microseconds"),
    [
        ("0", 0),
        ("3", 3_000_000),
        ("0.5", 500_000),
        ("250ms", 250_000),
        ("250 ms", 250_000),
        ("12us", 12),
        ("1.5s", 1_500_000),
        ("2m", 120_000_000),
        ("1h", 3_600_000_000),
        ("0.0000001s", 0),
    ],
)
def test_durations(text: str, microseconds: int) -> None:
    assert DURATION.convert(text, None, None) == microseconds
    assert DURATION.convert(microseconds, None, None) == microseconds


@pytest.mark.parametrize("text", ["", "s", "-1s", "1d", "1s2ms", "1,5s", "inf", "nan", "٣s", "9" * 400 + "h"])
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(click.BadParameter, match="is no duration; write 250ms, 2s, 1m or 1h"):
        DURATION.convert(text, None, None)


@pytest.mark.parametrize(
    ("text", "address", "origin"),
    [
        ("127.0.0.1:5000", Address("127.0.0.1", 5000), "http://127.0.0.1:5000"),
        ("localhost:0", Address("localhost", 0), "http://localhost:0"),
        ("my-host.example:65535", Address("my-host.example", 65535), "http://my-host.example:65535"),
        ("[::1]:8080", Address("::1", 8080), "http://[::1]:8080"),
        ("5000", Address("127.0.0.1", 5000), "http://127.0.0.1:5000"),
        (":5003", Address("127.0.0.1", 5003), "http://127.0.0.1:5003"),
        ("0", Address("127.0.0.1", 0), "http://127.0.0.1:0"),
        ("[::ffff:127.0.0.1]:1", Address("::ffff:127.0.0.1", 1), "http://[::ffff:127.0.0.1]:1"),
    ],
)
def test_addresses(text: str, address: Address, origin: str) -> None:
    assert ADDRESS.convert(text, None, None) == address
    assert ADDRESS.convert(address, None, None) == address
    assert url(*address) == origin


@pytest.mark.parametrize(
    "text",
    [
        "",
        "h",
        ":",
        "65536",
        "x5000",
        "h:",
        "h:-1",
        "h:65536",
        "h:٣",
        "::1:80",
        "[::1]",
        "[::1:80",
        "[x]:1",
        "h:1:2",
    ],
)
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(click.BadParameter, match="is no address; write PORT or HOST:PORT, for example"):
        ADDRESS.convert(text, None, None)


def test_a_cassette_is_a_file_or_the_name_of_a_sample(tmp_path: Path) -> None:
    assert CASSETTE.convert(str(tmp_path), None, None) == tmp_path
    assert CASSETTE.convert(tmp_path / "any", None, None) == tmp_path / "any"
    for name, path in samples().items():
        assert CASSETTE.convert(name, None, None) == path
    with pytest.raises(CassetteError, match="there is no such file and no such sample; the samples are: "):
        CASSETTE.convert("nosuch", None, None)
