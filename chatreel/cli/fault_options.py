"""The options that name faults, and the plan that their values make."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from replayer.faults.language.plan import FaultPlan, plan_of, read_plan
from replayer.faults.language.registry import FAULTS as KNOWN
from replayer.faults.language.registry import load

FAULT = click.option(
    "--fault",
    metavar="'NAME KEY=VALUE ...'",
    multiple=True,
    shell_complete=lambda _context, _option, word: [name for name in KNOWN if name.startswith(word)],
    help="Break answers, as in 'reset after-events=3 path=/api/v1/stream' (repeatable); `chatreel faults` lists all.",
)

FAULTS = click.option(
    "--faults",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The same from a TOML file, with a [[faults]] table for each; they apply before those of --fault.",
)


def load_modules(_context: click.Context, _option: click.Parameter, modules: Sequence[str]) -> None:
    """Register the faults of each named module. Raises UsageError when one cannot be imported."""
    for module in modules:
        load(module)


FAULT_MODULE = click.option(
    "--fault-module",
    metavar="MODULE",
    multiple=True,
    expose_value=False,
    callback=load_modules,
    help="Take in faults of your own, from a Python file or a module by its dotted name, which is run (repeatable).",
)


def plan_from(faults: Path | None, fault: Sequence[str], seed: int) -> FaultPlan:
    """The plan of a file, if one is given, followed by single faults. Raises UsageError for a fault that is none."""
    from_file = read_plan(faults) if faults else ()
    return FaultPlan((*from_file, *plan_of(fault).faults), seed)
