"""`chatreel check`: runs the acceptance cases against a chatbot and prints the success table."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO

import click

from chatreel.cli.command_help import CommandWithExamples
from chatreel.cli.stderr import log_to_stderr, report_line
from chatreel.cli.units import seconds_of
from chatreel.cli.volume_options import quiet
from chatreel.cli.waiting import WAIT, wait_for_listener
from chatreel.conformance import junit
from chatreel.conformance.case import Case, Subjects
from chatreel.conformance.cases.all import CASES
from chatreel.conformance.categories import CATEGORIES, INTEGRATION
from chatreel.conformance.deployment import Deployment
from chatreel.conformance.outcome import Outcome, attempt
from chatreel.conformance.success import SuccessRow, table
from chatreel.conformance.target import Target
from foundation.errors import UsageError
from foundation.printable import printable

GROUPS = {
    "What is checked": ["--target", "--platform", "--user", "--password", "--pace", "--wait"],
    "Which cases": ["--case", "--category", "--slow"],
    "The report": ["--json", "--junit", "--quiet"],
}
"""The sections of the options in the help."""

EXAMPLES = """
chatreel check --target 127.0.0.1:8100
chatreel check --target 127.0.0.1:8100 --pace 0.01 --case TC-101 --junit report.xml
"""


@click.command(cls=CommandWithExamples, examples=EXAMPLES, groups=GROUPS)
@click.option(
    "--target",
    metavar="URL",
    help="The chatbot: its origin, or the url of its stream where that is not /api/v1/stream.",
)
@click.option(
    "--platform",
    metavar="URL",
    help="A platform that asks it: its origin, or the url of its page where that is not /analytics/assistant.",
)
@click.option("--user", default="", metavar="NAME", help="Who signs in to the platform.")
@click.option(
    "--password",
    default="",
    envvar="CHATREEL_PLATFORM_PASSWORD",
    show_envvar=True,
    help="That user's password.",
)
@click.option(
    "--pace",
    type=float,
    default=1.0,
    show_default=True,
    help="How long the target's second takes: 0.01 for chatreel chatbot --pace 0.01. Scales all waits.",
)
@WAIT
@click.option("--slow", is_flag=True, help="Run also the cases that wait for more than 10 s.")
@click.option(
    "--case",
    "ids",
    multiple=True,
    type=click.Choice([case.id for case in CASES], case_sensitive=False),
    metavar="TC-101",
    help="Run only this case (repeatable).",
)
@click.option(
    "--category",
    "categories",
    multiple=True,
    type=click.Choice([category.name for category in CATEGORIES], case_sensitive=False),
    help="Run only the cases of this category (repeatable).",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@quiet("only the cases that failed, and the table")
@click.option(
    "--junit",
    "junit_file",
    type=click.File("wb", lazy=False),
    metavar="FILE",
    help="Write the outcomes as JUnit XML too.",
)
def command(
    *,
    target: str | None,
    platform: str | None,
    user: str,
    password: str,
    pace: float,
    wait: int,
    slow: bool,
    ids: tuple[str, ...],
    categories: tuple[str, ...],
    as_json: bool,
    quiet: bool,
    junit_file: BinaryIO | None,
) -> int:
    """Hold a chatbot, or a platform that asks one, to the contract: the acceptance cases TC-001 to TC-604.

    Exit code 0 when enough of them pass (all of a critical category, 75 % of Performance, 95 % overall), 1 when
    not, 2 when none could run. A case whose endpoint the target lacks is skipped and does not count.
    """
    if target is None and platform is None:
        raise UsageError("nothing to check: give --target URL, --platform URL, or both")
    chatbot = None if target is None else Target(target, pace=pace)
    deployment = None if platform is None else Deployment(platform, user, password, chatbot=chatbot)
    subjects = Subjects(chatbot, deployment)
    # The client's warnings belong to the cases, which judge them.
    with log_to_stderr("platform_client", logging.CRITICAL):
        if chatbot is not None:
            wait_for_listener(chatbot.origin, wait)
        if deployment is not None:
            wait_for_listener(deployment.origin, wait)
        reach(subjects)
        outcomes = []
        for case in chosen(ids, categories, subjects):
            outcomes.append(attempt(case, subjects, slow=slow))
            if not as_json and not (quiet and outcomes[-1].verdict != "failed"):
                print(line(outcomes[-1]), flush=True)
    rows = table(outcomes)
    if as_json:
        print(json.dumps({"target": target, "platform": platform, **report(outcomes, rows)}))
    else:
        print(*table_lines(rows), sep="\n", flush=True)
    if junit_file:
        save(outcomes, junit_file)
    return exit_code(rows)


def reach(subjects: Subjects) -> None:
    """Raise ServerError or UsageError for what does not answer, or does not let its user in."""
    if subjects.chatbot is not None:
        subjects.chatbot.reach()
    if subjects.platform is not None:
        subjects.platform.sign_in()


def chosen(ids: Sequence[str], categories: Sequence[str], subjects: Subjects) -> list[Case]:
    """The cases of these ids and categories; when neither is given, all that are about one of the subjects."""
    if ids or categories:
        return [case for case in CASES if case.id in ids or case.category.name in categories]
    given = {False: subjects.chatbot is not None, True: subjects.platform is not None}
    return [case for case in CASES if given[case.category is INTEGRATION]]


def line(outcome: Outcome) -> str:
    """One line about an outcome: id, verdict, title, and the remark or the time that it took."""
    case = outcome.case
    verdict = "FAILED" if outcome.verdict == "failed" else outcome.verdict
    remark = f": {outcome.remark}" if outcome.remark else f" ({seconds_of(outcome.took)})"
    return printable(f"{case.id}  {verdict:7}  {case.title}{remark}")


def table_lines(rows: Sequence[SuccessRow]) -> Iterator[str]:
    """The lines of the success table, and the categories in which the target falls short."""
    yield ""
    yield f"{'Category':20}{'Tests':>5}  {'Critical':8}  {'Pass rate':>9}  {'Needed':>6}  {'Skipped':>7}"
    for row in rows:
        critical = "" if row.critical is None else "yes" if row.critical else "no"
        rate = "-" if row.rate is None else f"{row.rate:.0%}"
        yield f"{row.name:20}{row.tests:5}  {critical:8}  {rate:>9}  {row.needed:6.0%}  {row.skipped:7}"
    yield ""
    short = ", ".join(row.name for row in rows if not row.met)
    yield f"The target falls short in: {short}" if short else "The target reaches what is needed."


def report(outcomes: Sequence[Outcome], rows: Sequence[SuccessRow]) -> dict[str, Any]:
    """The JSON object of `--json` but for its subjects; times are in microseconds, rates from 0 to 1."""
    return {
        "reached": all(row.met for row in rows),
        "cases": [
            {
                "id": outcome.case.id,
                "title": outcome.case.title,
                "category": outcome.case.category.name,
                "critical": outcome.case.category.critical,
                "verdict": outcome.verdict,
                "remark": outcome.remark,
                "took": outcome.took,
            }
            for outcome in outcomes
        ],
        "table": [{**vars(row), "tests": row.tests, "rate": row.rate, "met": row.met} for row in rows],
    }


def save(outcomes: Sequence[Outcome], file: BinaryIO) -> None:
    """Write the outcomes as JUnit XML. Raises UsageError when they cannot be written."""
    try:
        junit.document(outcomes).write(file, encoding="utf-8", xml_declaration=True)
        file.flush()
    except OSError as error:
        raise UsageError(f"--junit {file.name}: {error.strerror}") from error


def exit_code(rows: Sequence[SuccessRow]) -> int:
    """The exit code: 0 when enough cases passed, 1 when not, 2 when none could run."""
    if not rows[-1].tests:
        report_line("no case could run: all were skipped, for the reasons above")
        return 2
    return 0 if all(row.met for row in rows) else 1
