"""Finds the cassettes that a test names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from cassettes.samples import samples
from foundation.errors import CassetteError


class FoundCassette(NamedTuple):
    """A cassette: an existing file, or else where it would be. A sample is not the test's own."""

    path: Path
    sample: bool = False


def find(name: str | Path, folders: Sequence[Path]) -> FoundCassette:
    """The cassette in the first of the folders that has it, else the sample of that name."""
    place = beside(name, folders)
    sample = None if place.is_file() else samples().get(str(name))
    return FoundCassette(sample, sample=True) if sample else FoundCassette(place)


def beside(name: str | Path, folders: Sequence[Path]) -> Path:
    """The file in the first of the folders that has it, else where it would be in the first."""
    places = [folder / name for folder in folders]
    return next((place for place in places if place.is_file()), places[0])


def existing(found: Sequence[FoundCassette], folders: Sequence[Path], upstream: str) -> list[Path]:
    """The files; raises CassetteError that says how to record what is missing from `upstream`."""
    for path, _ in found:
        if not path.is_file():
            elsewhere = "".join(f", nor is it in {folder}" for folder in folders[1:] if folder != path.parent)
            option = "" if upstream else " --chatreel-upstream URL"
            raise CassetteError(
                f"there is no cassette {path}{elsewhere}, and no such sample ({', '.join(samples())});"
                f" record it with --chatreel-record once{option}"
            )
    return [path for path, _ in found]
