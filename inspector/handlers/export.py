"""Saves a selection of exchanges as a cassette or as a HAR 1.2 file."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncGenerator, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType
from tornado.iostream import StreamClosedError

from cassettes import har
from cassettes.file import format_v1
from cassettes.file.reader import Cassette
from cassettes.file.writer import CassetteWriter
from foundation.errors import CassetteError
from foundation.temporary_files import temporary_root
from foundation.time_slices import Slices
from foundation.web.parameters import BadParameters, from_body
from inspector.handlers.views import BodyHandler
from inspector.views.exchanges import place_of, positions, search_to_the_end
from inspector.views.parameters import LONGEST_FILTER
from inspector.workspace.workspace import Workspace

BATCH = 1 << 16
"""Bytes of a cassette after which they are sent."""

MEDIA_TYPES = {"jsonl": "application/x-ndjson", "har": "application/json"}

type Selection = list[tuple[Cassette, list[int]]]
"""Cassettes, each with the numbers of its chosen exchanges."""


class ExportRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body: either the `ids` of exchanges or a `filter` that they match."""

    format: Literal["jsonl", "har"]
    ids: (
        Annotated[list[Annotated[str, Meta(pattern=r"^\d{1,6}\.\d{1,9}$")]], Meta(max_length=50_000)]
        | UnsetType
    ) = UNSET
    filter: Annotated[str, Meta(max_length=LONGEST_FILTER)] | UnsetType = UNSET


class ExportHandler(BodyHandler):
    """Sends the file exchange by exchange, so that it is never in memory as a whole."""

    async def post(self) -> None:
        """Send the file; the connection breaks where a cassette cannot be read on."""
        with self.refusing_errors():
            await self.workspace.open()
            export = from_body(ExportRequest, self.body)
            chosen = await selection(self.workspace, export)
        self.set_header("Content-Type", MEDIA_TYPES[export.format])
        self.set_header("Content-Disposition", f'attachment; filename="chatreel.{export.format}"')
        slices = Slices(self.workspace.timers)
        try:
            async with contextlib.aclosing(pieces(chosen, export.format)) as found:
                async for piece in found:
                    self.write(piece)
                    await self.flush()
                    await slices.step()
        except StreamClosedError:  # the page is gone
            return
        except CassetteError:  # the file changed; a browser does not take a broken download for a whole one
            self.detach().close()


async def selection(workspace: Workspace, export: ExportRequest) -> Selection:
    """The exchanges of the request, in their order; raises BadParameters when there are none, Missing, UsageError."""
    if (export.ids is UNSET) is (export.filter is UNSET):
        raise BadParameters("in the body: give either `ids` or `filter`")
    if isinstance(export.filter, str):
        await search_to_the_end(workspace, export.filter)
        places = [place_of(workspace, one) for one in await positions(workspace, export.filter)]
    else:
        places = [workspace.find(id_) for id_ in dict.fromkeys(export.ids or ())]
    if not places:
        raise BadParameters("nothing is selected")
    by_file = groupby(sorted((file.number, number) for file, number in places), key=itemgetter(0))
    return [(workspace.files[file].cassette, [number for _, number in own]) for file, own in by_file]


async def pieces(chosen: Selection, kind: str) -> AsyncGenerator[bytes]:
    """The bytes of the file in pieces; raises CassetteError."""
    if kind == "jsonl":
        for piece in lines(chosen):
            yield piece
    elif len(chosen) == 1:
        for text in har.export(*chosen[0]):
            yield text.encode()
    else:
        with tempfile.TemporaryDirectory(prefix="chatreel-", dir=temporary_root()) as folder:
            path = Path(folder, "chosen.jsonl")
            await asyncio.to_thread(gather, chosen, path)
            with Cassette.open(path) as cassette:
                for text in har.export(cassette):
                    yield text.encode()


def lines(chosen: Selection) -> Iterator[bytes]:
    """The lines of a cassette with the chosen exchanges, in pieces of some `BATCH` bytes."""
    batch = bytearray()
    for cassette, numbers in chosen:
        for record in cassette.selected(numbers):
            batch += format_v1.encode([record])
            if len(batch) >= BATCH:
                yield bytes(batch)
                batch.clear()
    yield bytes(batch)


def gather(chosen: Sequence[tuple[Cassette, list[int]]], path: Path) -> None:
    """Write the chosen exchanges as one cassette."""
    with CassetteWriter.create(path) as writer:
        for cassette, numbers in chosen:
            writer.copy(cassette.selected(numbers))
