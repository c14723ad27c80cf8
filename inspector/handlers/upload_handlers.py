"""Imports a file from the browser: a cassette, or a HAR or flow file, which is redacted as `chatreel convert` does."""

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

from cassettes.file.other_formats import format_of, is_foreign
from foundation.errors import CassetteError
from foundation.web.parameters import BadParameters, Parameters, from_query
from inspector.handlers.views import ApiHandler
from inspector.workspace.workspace import Workspace
from recorder.import_file import import_file

LARGEST = 256 << 20
"""Bytes of an imported file, at most."""

MOST_FILES = 16
"""Files that are imported while the server runs, at most."""

NOT_IN_NAMES = re.compile(r"[^\w.() -]")


class ImportParameters(Parameters, frozen=True, kw_only=True):
    """The name of the file; its suffix says which format it has."""

    name: Annotated[str, Meta(min_length=1, max_length=200)]


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """The number of the new file, how many entries were skipped by reason, and warnings for a person to read."""

    file: int
    skipped: dict[str, int] = {}
    warnings: list[str] = []


class ImportHandler(ApiHandler):
    """Imports a file; its bytes go to the disk as they arrive."""

    _file: BinaryIO | None = None

    def prepare(self) -> None:
        """Refuse a file that is too large, has no known suffix or is one too many, before its bytes arrive."""
        super().prepare()
        length = self.request.headers.get("Content-Length", "0")
        if length.isdecimal() and int(length) > LARGEST:
            self.refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"the file has more than {LARGEST >> 20} MiB")
        with self.refusing_errors():
            self._name = safe_name(from_query(ImportParameters, self.request.query_arguments).name)
        if self.workspace.uploads.count >= MOST_FILES:
            self.refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"there are {MOST_FILES} imported files already")
        self._path = self.workspace.uploads.new_path(self._name)
        self._file = self._path.open("xb")
        connection = self.request.connection
        connection.set_max_body_size(LARGEST)  # type: ignore[union-attr] # the server speaks HTTP/1 only

    def data_received(self, chunk: bytes) -> None:
        """Write a part of the file."""
        if self._file is not None:
            self._file.write(chunk)

    async def post(self) -> None:
        """Open the file, converted where that is needed, and answer with an Imported."""
        self._close()
        with self.refusing_errors():
            imported = await import_upload(self.workspace, self._path, self._name)
        self.write(self.encoded(imported))

    def on_finish(self) -> None:
        """Close the file."""
        self._close()

    def on_connection_close(self) -> None:
        """Close the file: the browser is gone."""
        self._close()

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()


def safe_name(name: str) -> str:
    """The name without what a file name should not have; raises BadParameters for none."""
    safe = NOT_IN_NAMES.sub("_", Path(name).name)[-100:].lstrip(".")
    if not safe or safe.endswith(".zst"):
        raise BadParameters(
            "in the query: `name` must be that of a file that is not compressed (unpack .zst first)"
        )
    return safe


async def import_upload(workspace: Workspace, path: Path, name: str) -> Imported:
    """Open an uploaded file in the workspace; raises BadParameters for one that cannot be read."""
    await workspace.open()
    warnings: list[str] = []
    try:
        cassette, skipped = await asyncio.to_thread(as_cassette, path, warnings.append)
        file = await workspace.add(cassette, name)
    except CassetteError as error:
        await asyncio.to_thread(shutil.rmtree, path.parent)
        raise BadParameters(without_path(str(error), path, name)) from None
    return Imported(
        file=file.number, skipped=skipped, warnings=[without_path(one, path, name) for one in warnings]
    )


def as_cassette(path: Path, report: Callable[[str], None]) -> tuple[Path, Counter[str]]:
    """The path of the cassette, converted where the file is none, and the skipped entries; raises CassetteError."""
    if not is_foreign(path) and format_of(path) is None:
        return path, Counter()
    cassette = path.with_name(f"{path.name}.jsonl")
    skipped = import_file(path, cassette, rules=(), report=report)
    path.unlink()
    return cassette, skipped


def without_path(line: str, path: Path, name: str) -> str:
    """A message with the name of the file in place of the path where it is kept."""
    return line.replace(str(path), name)
