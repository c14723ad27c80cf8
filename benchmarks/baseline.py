"""Ratios to yardsticks as a file, and whether those of a later run are worse."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from benchmarks.result_tables import ResultTable, machine


class RatioEntry(msgspec.Struct, frozen=True):
    """A ratio of ours to the yardstick of the same run: its median, and the lowest and the highest of its rounds."""

    median: float
    lowest: float
    highest: float
    more_is_better: bool = False

    @property
    def spread(self) -> float:
        """How far apart the rounds are."""
        return self.highest - self.lowest

    def worse(self, before: RatioEntry) -> bool:
        """Whether this is worse than before, by more than the rounds of either run are apart."""
        change = self.median - before.median
        return (-change if self.more_is_better else change) > max(self.spread, before.spread)


class Ratios(msgspec.Struct, frozen=True):
    """The ratios of a run by table and measure, and the machine that it was on."""

    machine: str
    ratios: dict[str, RatioEntry]


def ratios_of(tables: Iterable[ResultTable]) -> Ratios:
    """The ratios of all measures that have a yardstick."""
    found = {}
    for table in tables:
        title = str(table.title).partition(";")[0]
        for row in table.measured:
            if ratios := row.ratios:
                entry = RatioEntry(statistics.median(ratios), min(ratios), max(ratios), row.more_is_better)
                found[f"{title} / {row.measure}"] = entry
    return Ratios(machine(), found)


def write(path: Path, ratios: Ratios) -> None:
    """Write ratios as JSON."""
    path.write_bytes(msgspec.json.format(msgspec.json.encode(ratios), indent=2) + b"\n")


def read(path: Path) -> Ratios:
    """Read ratios from JSON."""
    return msgspec.json.decode(path.read_bytes(), type=Ratios)


def worse_lines(now: Mapping[str, RatioEntry], before: Mapping[str, RatioEntry]) -> list[str]:
    """A line for each ratio that is worse than before; what only one run has is not compared."""
    return [
        f"{name}: {entry.median:.3g}, it was {before[name].median:.3g}"
        for name, entry in now.items()
        if name in before and entry.worse(before[name])
    ]
