"""Options and parameter types that several commands have."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import click
from click.shell_completion import CompletionItem

from cassettes.samples import resolve, samples
from foundation import quantities
from foundation.default_ports import REPLAY, on_loopback
from foundation.errors import UsageError
from foundation.printable import printable


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

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """The names of samples that begin so, and what files a shell finds."""
        names = [CompletionItem(name, help="a sample") for name in samples() if name.startswith(incomplete)]
        return [*names, CompletionItem(incomplete, type="file")]


class AddressType(click.ParamType[Address]):
    """An address written as HOST:PORT, as [::1]:PORT for IPv6, or as PORT or :PORT, which is on loopback."""

    name = "[HOST:]PORT"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Address:
        """The address that a text stands for; fails for any other text."""
        if isinstance(value, Address):
            return value
        found = ADDRESSES.fullmatch(str(value))
        if found is None or int(found["port"]) > 65535:
            self.fail(
                f"{printable(repr(value))} is no address; write PORT or HOST:PORT, for example"
                f" {on_loopback(REPLAY)}",
                param,
                ctx,
            )
        return Address(found["six"] or found["host"] or LOOPBACK, int(found["port"]))


ADDRESSES = re.compile(r"(?:(?:\[(?P<six>[0-9a-fA-F:.]+)\]|(?P<host>[^:\[\]]+))?:)?(?P<port>[0-9]{1,5})")

LOOPBACK = "127.0.0.1"
"""The host of an address that names none: only this machine reaches it."""

ADDRESS = AddressType()
CASSETTE = CassetteType()
SIZE = SizeType()
DURATION = DurationType()

RULES = click.option(
    "--redact",
    "rules",
    multiple=True,
    metavar="RULE",
    help="Replace more: header:NAME, name:NAME, pointer:/JSON/POINTER, regex:PATTERN, email, phone, card (repeatable).",
)

KEEP = click.option(
    "--keep",
    multiple=True,
    metavar="RULE",
    help="Keep what a rule of the same kinds finds, although it looks secret (repeatable).",
)

UPSTREAM_CA = click.option(
    "--upstream-ca",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="Certificates to trust upstream (PEM), for a chatbot with a private authority.",
)


def check_redaction(rules: Sequence[str], keep: Sequence[str], *, no_redact: bool) -> None:
    """Refuse rules that --no-redact makes pointless. Raises UsageError."""
    for option, given in (("--redact", rules), ("--keep", keep)):
        if no_redact and given:
            raise UsageError(f"--no-redact and {option} exclude each other: leave one out")


def url(host: str, port: int, *, secure: bool = False) -> str:
    """The url of a listener, https when it speaks TLS."""
    name = f"[{host}]" if ":" in host else host
    return f"{'https' if secure else 'http'}://{name}:{port}"
