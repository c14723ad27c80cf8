"""Runs a case against a target and keeps its outcome."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from chatreel.conformance.case import Case
from chatreel.conformance.pass_criteria import Skipped
from chatreel.conformance.target import Target
from foundation.errors import ChatreelError

type Verdict = Literal["passed", "failed", "skipped"]

PATIENCE = 10.0
"""Seconds that a case may wait in silence without --slow."""


@dataclass(frozen=True)
class Outcome:
    """The outcome of a case: `remark` is the criterion that failed, or why it was skipped; `took` is microseconds."""

    case: Case
    verdict: Verdict
    remark: str
    took: int


def attempt(case: Case, target: Target, *, slow: bool) -> Outcome:
    """Run a case against a target; one that waits for longer than PATIENCE is skipped unless `slow`."""
    began = target.clock.now()
    verdict, remark = judge(case, target, slow=slow)
    return Outcome(case, verdict, remark, target.clock.now() - began)


def judge(case: Case, target: Target, *, slow: bool) -> tuple[Verdict, str]:
    """The verdict on a case, and the remark that goes with it."""
    waits = target.seconds(case.waits)
    if waits > PATIENCE and not slow:
        return "skipped", f"it waits for {waits:g} s; --slow runs it"
    try:
        case.run(target)
    except Skipped as reason:
        return "skipped", str(reason)
    except ChatreelError as error:
        return "failed", str(error)
    except RecursionError:
        return "failed", "what the target sends is nested too deeply to be read"
    return "passed", ""
