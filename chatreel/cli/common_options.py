"""Options and parameter types that several commands have."""

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
    """A host and a port on which a server listens; port 0 takes a free one."""

    host: str
    port: int


class SizeType(click.ParamType[int]):
    """A number of bytes: 512, 10kB, 5MB, 1GB (powers of 1000), 64KiB, 1MiB (powers of 1024)."""

    name = "SIZE"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The number of bytes that a text stands for; fails for any other text."""
        if isinstance(value, int):
            return value
        try:
            return quantities.size(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


class DurationType(click.ParamType[int]):
    """A number of microseconds, written as 250ms, 2s, 1m, 1h; a bare number is seconds."""

    name = "DURATION"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The number of microseconds that a text stands for; fails for any other text."""
        if isinstance(value, int):
            return value
        try:
            return quantities.duration(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


class CassetteType(click.ParamType[Path]):
    """The path of a cassette, given as a path or as the name of a sample."""

    name = "FILE"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """The path of the cassette or of the sample. Raises CassetteError when there is neither."""
        return value if isinstance(value, Path) else resolve(str(value))


class AddressType(click.ParamType[Address]):
    """An address written as HOST:PORT, or as [::1]:PORT for IPv6."""

    name = "HOST:PORT"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Address:
        """The address that a text stands for; fails for any other text."""
        if isinstance(value, Address):
            return value
        found = re.fullmatch(
            r"(?:\[(?P<six>[0-9a-fA-F:.]+)\]|(?P<host>[^:\[\]]+)):(?P<port>[0-9]{1,5})", str(value)
        )
        if found is None or int(found["port"]) > 65535:
            self.fail(f"{value!r} is no address; write HOST:PORT, for example 127.0.0.1:5000", param, ctx)
        return Address(found["six"] or found["host"], int(found["port"]))


def origin(upstream: str, option: str = "--upstream") -> str:
    """The scheme://host[:port] that an option gives for an upstream. Raises UsageError when it is none."""
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
