"""`chatreel faults`: lists all faults, describes one, or explains what some do to a recorded answer."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import click

from chatreel.cli.command_help import CommandWithExamples, GroupWithExamples
from chatreel.cli.common_options import CASSETTE
from chatreel.cli.fault_options import FAULT, FAULT_MODULE, FAULTS, plan_from
from chatreel.cli.pace_options import MAX_GAP, SPEED
from chatreel.cli.stderr import report_line
from chatreel.output.fault_effect import print_effect, print_effect_json
from chatreel.output.fault_help import all_faults, one_fault, plain
from foundation.errors import UsageError
from replayer.exchange_number import ReplayExchange
from replayer.faults.language.plan import FaultPlan
from replayer.faults.language.registry import FAULTS as KNOWN
from replayer.faults.language.spec import named
from replayer.faults.preview.rehearsal import Rehearsal, Rehearsed
from replayer.matching.matcher import EVERYTHING
from replayer.schedule.pace import Pace
from replayer.selection.matched_recordings import open_matched

EXPLAIN = "explain"

JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON: an object a line.")


class FaultsGroup(GroupWithExamples):
    """A group in which the name of a fault is a command, too: it describes that fault."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The subcommand of this name, else one that describes the fault of this name.

        Whether there is such a fault is not known before --fault-module has been read.
        """
        return super().get_command(ctx, cmd_name) or click.Command(
            cmd_name,
            callback=partial(print_fault, cmd_name),
            params=PARAMETERS,
            help=f"Tell what {cmd_name} does.",
        )


@click.group(
    cls=FaultsGroup,
    name="faults",
    examples="""
chatreel faults
chatreel faults reset
chatreel faults explain stream 0 --fault 'stall after-events=2 time=2s' --fault 'reset after-events=3'
""",
    invoke_without_command=True,
    subcommand_metavar=f"[NAME|{EXPLAIN} ...]",
)
@JSON
@FAULT_MODULE
@click.pass_context
def command(ctx: click.Context, as_json: bool) -> None:
    """List all faults, each with an example; or tell the one of this NAME: what it does, and what it takes.

    A fault is written NAME KEY=VALUE..., for --fault of `chatreel replay` and wherever else faults are given.
    """
    if ctx.invoked_subcommand is not None:
        if as_json:
            raise UsageError(f"write --json behind {ctx.invoked_subcommand}")
        return
    if not as_json:
        print(all_faults())
        return
    for fault in KNOWN.values():
        print(json.dumps(plain(fault)))


PARAMETERS = command.params
"""The options of the list, which the description of one fault has, too."""


def print_fault(name: str, as_json: bool) -> None:
    """Print the description of a fault. Raises UsageError, which names the nearest, when there is none."""
    fault = named(name)
    print(json.dumps(plain(fault)) if as_json else one_fault(fault))


@command.command(
    name=EXPLAIN,
    cls=CommandWithExamples,
    examples="""
chatreel faults explain stream 0 --fault 'stall after-events=2 time=2s' --fault 'reset after-events=3'
chatreel faults explain job 2 --faults plan.toml --seed 7 --json
""",
)
@click.argument("file", type=CASSETTE)
@click.argument("exchange", type=click.IntRange(min=0))
@FAULT
@FAULTS
@FAULT_MODULE
@click.option(
    "--seed", type=int, default=0, show_default=True, help="What the chances of the faults are made of."
)
@SPEED
@MAX_GAP
@click.option("--json", "as_json", is_flag=True, help="Print JSON: one object.")
def explain(
    *,
    file: Path,
    exchange: int,
    fault: Sequence[str],
    faults: Path | None,
    seed: int,
    speed: float,
    max_gap: int | None,
    as_json: bool,
) -> None:
    """Print an answer before and after some faults, part by part, without a server.

    What counts requests or time counts as if the recorded clients came again: all exchanges up to this one, in
    their order and at their times.
    """
    plan = plan_from(faults, fault, seed)
    if not plan.faults:
        raise UsageError("there is nothing to explain: give a --fault, or some by --faults FILE")
    found = rehearse(file, exchange, plan, Pace(speed=speed, max_gap=max_gap))
    for line in plan.lines:
        if line not in found.faults:
            report_line(f"this changes nothing here: {line}")
    if as_json:
        print_effect_json(exchange, found)
    else:
        print_effect(found)


def rehearse(file: Path, exchange: int, plan: FaultPlan, pace: Pace) -> Rehearsed:
    """The exchange before and after the faults. Raises CassetteError, and UsageError when it has no such exchange."""
    with open_matched([file], EVERYTHING) as (recordings, index, _):
        for warning in recordings.warnings:
            report_line(warning)
        if exchange >= len(recordings):
            raise UsageError(
                f"{file} has {len(recordings)} exchanges, counted from 0: there is no {exchange}"
            )
        return Rehearsal(recordings, index, plan, pace).until(ReplayExchange(exchange))
