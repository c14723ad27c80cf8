"""Runs benchmarks, one after the other: `python -m benchmarks`. All of them take some ten minutes.

`python -m benchmarks NAME...` runs some. `--json FILE` writes the ratios to the yardsticks; `--check FILE` compares
them with those of a file, and exits with 1 when one is worse by more than its spread.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from benchmarks import baseline
from benchmarks.result_tables import ResultTable, show

NAMES = (
    "recording_cost",
    "redaction_cost",
    "replay_timing",
    "replay_throughput",
    "loading",
    "open_streams",
    "nobody_waits",
    "diffing",
    "inspecting",
    "fixture_cost",
)


def measured(names: Iterable[str], tables: list[ResultTable]) -> Iterator[ResultTable]:
    """Yield the table of each benchmark as soon as it is measured, and add it to `tables`."""
    for name in names:
        tables.append(importlib.import_module(f"benchmarks.{name}").run())
        yield tables[-1]


def main(arguments: list[str]) -> int:
    """Run benchmarks; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("names", nargs="*", metavar="NAME", choices=[*NAMES, []], default=[])
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--check", type=Path, metavar="FILE")
    options = parser.parse_args(arguments)
    tables: list[ResultTable] = []
    show(measured(options.names or NAMES, tables))
    ratios = baseline.ratios_of(tables)
    if options.json:
        baseline.write(options.json, ratios)
    worse = baseline.worse_lines(ratios.ratios, baseline.read(options.check).ratios) if options.check else []
    for line in worse:
        print(f"worse: {line}")
    return 1 if worse else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
