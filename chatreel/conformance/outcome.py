"""Runs a case against a target and keeps its outcome."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from chatreel.conformance.case import Case, Subjects
from chatreel.conformance.pass_criteria import Skipped
from foundation.clock import SYSTEM, Clock
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


def attempt(case: Case, subjects: Subjects, *, slow: bool, clock: Clock = SYSTEM) -> Outcome:
    """Run a case against what is checked; one that waits for longer than PATIENCE is skipped unless `slow`."""
    began = clock.now()
    verdict, remark = judge(case, subjects, slow=slow)
    return Outcome(case, verdict, remark, clock.now() - began)


def judge(case: Case, subjects: Subjects, *, slow: bool) -> tuple[Verdict, str]:
    """The verdict on a case, and the remark that goes with it."""
    waits = subjects.chatbot.seconds(case.waits) if subjects.chatbot else 0
    if waits > PATIENCE and not slow:
        return "skipped", f"it waits for {waits:g} s; --slow runs it"
    try:
        case.run(subjects)
    except Skipped as reason:
        return "skipped", str(reason)
    except ChatreelError as error:
        return "failed", str(error)
    except RecursionError:
        return "failed", "what the target sends is nested too deeply to be read"
    return "passed", ""
