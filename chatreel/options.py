"""What several commands take on their command lines."""

from __future__ import annotations

import re
from typing import NamedTuple

import click

LOOPBACK = ("127.0.0.1", "::1", "localhost")


class Address(NamedTuple):
    """Where a server listens; port 0 takes a free one."""

    host: str
    port: int

    @property
    def loopback(self) -> bool:
        """Whether only this machine reaches it."""
        return self.host in LOOPBACK


class AddressType(click.ParamType[Address]):
    """HOST:PORT, with [::1]:PORT for IPv6."""

    name = "HOST:PORT"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Address:
        """Parse an address."""
        if isinstance(value, Address):
            return value
        found = re.fullmatch(
            r"(?:\[(?P<six>[0-9a-fA-F:.]+)\]|(?P<host>[^:\[\]]+)):(?P<port>\d{1,5})", str(value)
        )
        if found is None or int(found["port"]) > 65535:
            self.fail(f"{value!r} is no address; write HOST:PORT, for example 127.0.0.1:5000", param, ctx)
        return Address(found["six"] or found["host"], int(found["port"]))


ADDRESS = AddressType()


def url(host: str, port: int) -> str:
    """The http url of a listener."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
