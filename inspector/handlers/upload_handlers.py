"""A file that somebody brings along: a cassette, or one of another program, redacted as `chatreel convert` does."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections import Counter
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, BinaryIO

import msgspec
from msgspec import Meta

from foundation.errors import CassetteError
from foundation.web.parameters import BadParameters, Parameters, from_query
from inspector.handlers.views import ApiHandler
from inspector.workspace.workspace import Workspace
from recorder.import_file import import_file, is_foreign

LARGEST = 256 << 20
"""Bytes of a file that is taken."""

MOST = 16
"""Files that are taken."""

ODD = re.compile(r"[^\w.() -]")


class ImportParameters(Parameters, frozen=True, kw_only=True):
    """What the file is called; the ending says what it is."""

    name: Annotated[str, Meta(min_length=1, max_length=200)]


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """The number of the new file; what was left out of it, and what a person should know."""

    file: int
    skipped: dict[str, int] = {}
    warnings: list[str] = []


class ImportHandler(ApiHandler):
    """Takes a file while it comes, onto the disk."""

    _file: BinaryIO | None = None

    def prepare(self) -> None:
        """Refuse what is too large or of no use before it comes."""
        super().prepare()
        length = self.request.headers.get("Content-Length", "0")
        if length.isdecimal() and int(length) > LARGEST:
            self.refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"the file has more than {LARGEST >> 20} MiB")
        with self.refusing_errors():
            self._name = safe_name(from_query(ImportParameters, self.request.query_arguments).name)
        if self.workspace.imports.count >= MOST:
            self.refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"there are {MOST} imported files already")
        self._path = self.workspace.imports.place(self._name)
        self._file = self._path.open("xb")
        connection = self.request.connection
        connection.set_max_body_size(LARGEST)  # type: ignore[union-attr] # it is one of HTTP/1

    def data_received(self, chunk: bytes) -> None:
        """A part of the file."""
        if self._file is not None:
            self._file.write(chunk)

    async def post(self) -> None:
        """Take the file in."""
        self._close()
        with self.refusing_errors():
            imported = await take(self.workspace, self._path, self._name)
        self.write(self.encoded(imported))

    def on_finish(self) -> None:
        """Whether it was taken in or not, nothing more comes."""
        self._close()

    def on_connection_close(self) -> None:
        """It broke off."""
        self._close()

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()


def safe_name(name: str) -> str:
    """The name as that of a file; raises Unclear for one that does not say what it is."""
    safe = ODD.sub("_", Path(name).name)[-100:].lstrip(".")
    if not safe.endswith(".jsonl") and not is_foreign(Path(safe)):
        raise BadParameters(
            "in the query: `name` must end in .jsonl, .har, .flow, .flows or .mitm (unpack .zst first)"
        )
    return safe


async def take(workspace: Workspace, path: Path, name: str) -> Imported:
    """Open a file that came; raises Unclear for one that cannot be read."""
    await workspace.open()
    warnings: list[str] = []
    try:
        cassette, skipped = await asyncio.to_thread(converted, path, warnings.append)
        file = await workspace.add(cassette, name)
    except CassetteError as error:
        await asyncio.to_thread(shutil.rmtree, path.parent)
        raise BadParameters(plain(str(error), path, name)) from None
    return Imported(file=file.number, skipped=skipped, warnings=[plain(one, path, name) for one in warnings])


def converted(path: Path, report: Callable[[str], None]) -> tuple[Path, Counter[str]]:
    """The cassette that a file is, or that it was made into; what was left out of it. Raises CassetteError."""
    if not is_foreign(path):
        return path, Counter()
    cassette = path.with_name(f"{path.name}.jsonl")
    skipped = import_file(path, cassette, rules=(), report=report)
    path.unlink()
    return cassette, skipped


def plain(line: str, path: Path, name: str) -> str:
    """A line without the place where we keep the file."""
    return line.replace(str(path), name)
