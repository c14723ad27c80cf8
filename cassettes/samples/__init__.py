"""The recordings that ship with the package, each by its name: the file's without `.jsonl`."""

from __future__ import annotations

from pathlib import Path

from foundation.errors import CassetteError

FOLDER = Path(__file__).parent


def samples(folder: Path = FOLDER) -> dict[str, Path]:
    """Every sample by its name, in alphabetical order."""
    return {path.stem: path for path in sorted(folder.glob("*.jsonl"))}


def resolve(name: str, folder: Path = FOLDER) -> Path:
    """The path of the cassette that a path or the name of a sample stands for; an existing file goes first.

    Raises CassetteError, which lists the samples, when it is neither.
    """
    if Path(name).exists():
        return Path(name)
    known = samples(folder)
    if name in known:
        return known[name]
    hint = f"; the samples are: {', '.join(known)}" if known else ""
    raise CassetteError(f"{name}: there is no such file and no such sample{hint}")
