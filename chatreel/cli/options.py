"""What several commands take on their command lines."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import click

from cassettes.samples import resolve
from foundation import quantities
from foundation.errors import UsageError


class Address(NamedTuple):
    """Where a server listens; port 0 takes a free one."""

    host: str
    port: int


class SizeType(click.ParamType[int]):
    """Bytes: 512, 10kB, 5MB, 1GB (powers of 1000), 64KiB, 1MiB (powers of 1024)."""

    name = "SIZE"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Parse a size."""
        if isinstance(value, int):
            return value
        try:
            return quantities.size(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


class DurationType(click.ParamType[int]):
    """Microseconds, from 250ms, 2s, 1m, 1h; a bare number is seconds."""

    name = "DURATION"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Parse a duration."""
        if isinstance(value, int):
            return value
        try:
            return quantities.duration(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


class CassetteType(click.ParamType[Path]):
    """A file, or the name of a sample."""

    name = "FILE"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """Find the cassette."""
        return value if isinstance(value, Path) else resolve(str(value))


class AddressType(click.ParamType[Address]):
    """HOST:PORT, with [::1]:PORT for IPv6."""

    name = "HOST:PORT"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Address:
        """Parse an address."""
        if isinstance(value, Address):
            return value
        found = re.fullmatch(
            r"(?:\[(?P<six>[0-9a-fA-F:.]+)\]|(?P<host>[^:\[\]]+)):(?P<port>[0-9]{1,5})", str(value)
        )
        if found is None or int(found["port"]) > 65535:
            self.fail(f"{value!r} is no address; write HOST:PORT, for example 127.0.0.1:5000", param, ctx)
        return Address(found["six"] or found["host"], int(found["port"]))


def origin(upstream: str, option: str = "--upstream") -> str:
    """The scheme://host[:port] of an upstream, as an option gives it; raises UsageError for what is none."""
    wrong = UsageError(f"{option} {upstream}: write scheme://host[:port], for example http://127.0.0.1:5000")
    try:
        parts = urlsplit(upstream if "://" in upstream else f"http://{upstream}")
        port = parts.port
    except ValueError:
        raise wrong from None
    more = parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc or port == 0
    if parts.scheme not in {"http", "https"} or not parts.hostname or more:
        raise wrong
    return f"{parts.scheme}://{parts.netloc}"


ADDRESS = AddressType()
CASSETTE = CassetteType()
SIZE = SizeType()
DURATION = DurationType()

RULES = click.option(
    "--redact",
    "rules",
    multiple=True,
    metavar="RULE",
    help="Replace more: header:NAME, pointer:/JSON/POINTER, regex:PATTERN, email, phone, card (repeatable).",
)

UPSTREAM_CA = click.option(
    "--upstream-ca",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="Certificates to trust upstream (PEM), for a chatbot with a private authority.",
)


def url(host: str, port: int) -> str:
    """The http url of a listener."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
