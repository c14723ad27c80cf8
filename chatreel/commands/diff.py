"""`chatreel diff`: compares a recording with a live chatbot or with another recording, and learns noise."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import click
import msgspec
from click.core import ParameterSource

from cassettes.file.storage import check_folder
from chatreel.cli.chatbot_urls import origin
from chatreel.cli.command_help import CommandWithExamples
from chatreel.cli.common_options import DURATION, KEEP, RULES, UPSTREAM_CA, check_redaction
from chatreel.cli.foreign_files import RECORDING
from chatreel.cli.volume_options import quiet
from chatreel.cli.waiting import WAIT, wait_for_listener
from chatreel.output.diff_report import junit_of, print_comparison, shown_progress, write
from chatreel.workflows.diff_sources import live_run, opened, two_recordings
from comparison.conversation.recorded_sessions import RecordedSessions
from comparison.learning import learn
from comparison.learning_proof import hidden_changes
from comparison.live_run import LiveRunSettings, parse_credentials
from comparison.live_run.run_settings import Pace
from comparison.report.gallery import Gallery
from comparison.report.html import page
from comparison.report.report import reported
from comparison.report.text import learned_lines
from comparison.rules.comparison_rules import ComparisonRules, parse_rules
from comparison.rules.noise import SILENCE
from comparison.rules.noise_file import read_noise, write_noise
from foundation.errors import CassetteError, UsageError
from foundation.printable import one_line

LIVE_ONLY = frozenset(
    {
        "wait",
        "pace",
        "concurrency",
        "headers",
        "cookies",
        "timeout",
        "max_poll_time",
        "save",
        "rules",
        "keep",
        "no_redact",
        "upstream_ca",
    }
)
"""Parameters that have a meaning only with --live."""

REPORTS = frozenset({"as_json", "junit_file", "html_file"})

EXIT = {"same": 0, "different": 1, "could-not-compare": 2}

OUTPUT = click.Path(path_type=Path, dir_okay=False)


GROUPS = {
    "What is compared": [
        "--compare",
        "--timing",
        "--ignore",
        "--tolerance",
        "--noise",
        "--learn",
        "--time-limit",
    ],
    "Asking a live chatbot": [
        "--live",
        "--pace",
        "--concurrency",
        "--header",
        "--cookie",
        "--timeout",
        "--max-poll-time",
        "--wait",
        "--save",
        "--redact",
        "--keep",
        "--no-redact",
        "--upstream-ca",
    ],
    "The report": ["--json", "--junit", "--html", "--quiet", "--force"],
}
"""The sections of the options in the help."""

EXAMPLES = """
chatreel diff monday.jsonl tuesday.jsonl --timing
chatreel diff incident.jsonl --live http://127.0.0.1:8100 --junit report.xml
chatreel diff --learn noise.toml monday.jsonl tuesday.jsonl wednesday.jsonl
"""


@click.command(cls=CommandWithExamples, examples=EXAMPLES, groups=GROUPS)
@click.argument("files", metavar="FILE...", type=RECORDING, nargs=-1, required=True)
@click.option(
    "--live", metavar="URL", help="Ask this chatbot what FILE's clients asked: scheme://host[:port]."
)
@click.option("--learn", "learned", type=OUTPUT, metavar="FILE",
              help="Write what varies between recordings of one conversation as noise, to read and edit.")  # fmt: skip
@click.option("--noise", type=click.Path(path_type=Path, dir_okay=False, exists=True), metavar="FILE",
              help="What varies by nature and is no difference, as --learn writes it.")  # fmt: skip
@click.option("--compare", multiple=True, metavar="ASPECT,...",
              help="What is compared, of status, headers, cookies, content-type, ending, events, structure, values, "
                   "texts, answer, usage, deltas, progress, heartbeats, timing and header:NAME; +ASPECT adds to and "
                   "-ASPECT takes away from the default, which is all but timing and deltas (repeatable).")  # fmt: skip
@click.option("--timing", is_flag=True, help="Compare times, too: the same as --compare +timing.")
@click.option("--ignore", multiple=True, metavar="POINTER",
              help="Leave out a JSON pointer of events and bodies; * is any key or index (repeatable).")  # fmt: skip
@click.option("--tolerance", multiple=True, metavar="NAME=VALUE",
              help="How far apart is the same: text=0.8 (alike), number=5%, usage=20%, heartbeats=2 (more or fewer), "
                   "timing=3 (times as long), floor=250ms (the least that counts; repeatable).")  # fmt: skip
@click.option("--time-limit", type=DURATION, default="10m", show_default=True,
              help="How long two recordings are compared, at most.")  # fmt: skip
@click.option("--pace", type=click.Choice(["full", "recorded"]), default="full", show_default=True,
              help="Ask as soon as the answer before is there, or at the recorded distances.")  # fmt: skip
@click.option("--concurrency", type=click.IntRange(1, 1000), default=8, show_default=True,
              help="How many sessions go on side by side.")  # fmt: skip
@click.option("--header", "headers", multiple=True, metavar="NAME:VALUE",
              help="Send a header of your own, such as credentials, which recordings do not keep; "
                   "also, one a line, from $CHATREEL_LIVE_HEADERS (repeatable).")  # fmt: skip
@click.option("--cookie", "cookies", multiple=True, metavar="NAME=VALUE",
              help="Send a cookie of your own; also, one a line, from $CHATREEL_LIVE_COOKIES.")  # fmt: skip
@click.option("--timeout", type=DURATION, default="120s", show_default=True,
              help="How long an answer may be silent.")  # fmt: skip
@click.option("--max-poll-time", type=DURATION, default="300s", show_default=True,
              help="How long a job is polled.")  # fmt: skip
@WAIT
@click.option(
    "--save", type=OUTPUT, metavar="FILE", help="Keep what the live chatbot answers, as a cassette."
)
@RULES
@KEEP
@click.option("--no-redact", is_flag=True,
              help="Compare what the live chatbot answers as it is; --save keeps its secrets, too.")  # fmt: skip
@UPSTREAM_CA
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@quiet("nothing; the exit code tells")
@click.option(
    "--junit", "junit_file", type=OUTPUT, metavar="FILE", help="Write the report as JUnit XML, too."
)
@click.option("--html", "html_file", type=OUTPUT, metavar="FILE",
              help="Write the report as one page, with time lines, too.")  # fmt: skip
@click.option("--force", is_flag=True, help="Replace files that exist.")
@click.pass_context
def command(
    ctx: click.Context,
    /,
    *,
    files: tuple[Path, ...],
    live: str | None,
    learned: Path | None,
    noise: Path | None,
    compare: tuple[str, ...],
    timing: bool,
    ignore: tuple[str, ...],
    tolerance: tuple[str, ...],
    time_limit: int,
    pace: Pace,
    concurrency: int,
    headers: tuple[str, ...],
    cookies: tuple[str, ...],
    timeout: int,
    max_poll_time: int,
    wait: int,
    save: Path | None,
    rules: tuple[str, ...],
    keep: tuple[str, ...],
    no_redact: bool,
    upstream_ca: Path | None,
    as_json: bool,
    quiet: bool,
    junit_file: Path | None,
    html_file: Path | None,
    force: bool,
) -> int:
    """Tell what is different in a live chatbot (FILE --live URL), or in another recording (FILE FILE).

    A FILE is a cassette or the name of a sample. Exit code 0 when all is the same, 1 when something is different, 2
    when it could not be compared.
    """
    check_use(ctx, files)
    check_redaction(rules, keep, no_redact=no_redact)
    outputs = [file for file in (learned, save, junit_file, html_file) if file is not None]
    check_outputs(files, outputs, force=force)
    words = [*compare, *(["+timing"] if timing else [])]
    chosen = parse_rules(words, ignore, tolerance, SILENCE if noise is None else read_noise(noise))
    if learned is not None:
        return learn_noise(files, learned, chosen)
    with shown_progress() as progress:
        if live is None:
            sides = two_recordings(files, chosen, progress, time_limit)
        else:
            chatbot = origin(live, "--live")
            wait_for_listener(chatbot, wait)
            settings = LiveRunSettings(
                origin=chatbot,
                authority=upstream_ca,
                pace=pace,
                concurrency=concurrency,
                timeout=timeout,
                poll_time=max_poll_time,
                credentials=parse_credentials(headers, cookies, os.environ),
                rules=None if no_redact else rules,
                keep=keep,
            )
            sides = live_run(files[0], settings, chosen, progress, save=save, force=force)
        with sides as comparison:
            gallery = Gallery(comparison.conversations, chosen)
            found = gallery.drawing(comparison.sessions) if html_file else comparison.sessions
            report = reported(found, names=comparison.names, label=comparison.label, notes=comparison.notes)
    if junit_file:
        write(junit_file, junit_of(report))
    if html_file:
        write(html_file, page(report, gallery.drawings, gallery.undrawn))
    if not quiet:
        print_comparison(report, as_json=as_json)
    return EXIT[report.verdict]


def check_use(ctx: click.Context, files: Sequence[Path]) -> None:
    """Check that files and options make one of the three uses: FILE FILE, FILE --live, --learn. Raises UsageError."""
    given = {
        parameter.name: parameter.opts[0]
        for parameter in ctx.command.params
        if parameter.name and ctx.get_parameter_source(parameter.name) is ParameterSource.COMMANDLINE
    }
    learning, live = "learned" in given, "live" in given
    if learning and live:
        raise UsageError(
            "--learn takes recordings: keep what the live chatbot answers, with --save, and learn then"
        )
    if len(files) < 2 if learning else len(files) != (1 if live else 2):
        raise UsageError("name two FILEs, one FILE and --live URL, or two FILEs and more for --learn FILE")
    for name, option in given.items():
        if name in LIVE_ONLY and not live:
            raise UsageError(f"{option} needs --live URL")
        if name in REPORTS and learning:
            raise UsageError(f"{option} is for a comparison, and --learn makes none")


def check_outputs(files: Sequence[Path], outputs: Sequence[Path], *, force: bool) -> None:
    """Refuse outputs that would overwrite something by accident. Raises UsageError or CassetteError."""
    for place, file in enumerate(outputs):
        if file in outputs[:place]:
            raise UsageError(f"{file} is named twice: give each output a file of its own")
        if file.exists() and any(file.samefile(one) for one in files):
            raise UsageError(f"{file} is a FILE itself: choose another, so that nothing recorded is lost")
        if file.exists() and not force:
            raise CassetteError(f"{file} exists: --force replaces it")
        check_folder(file)


def learn_noise(files: Sequence[Path], target: Path, rules: ComparisonRules) -> int:
    """Learn the noise of some recordings and write it.

    Returns the exit code: 0 when the noise explains every difference, 1 when not, 2 when some were not compared.
    Raises UsageError when the noise would hide a change of an answer.
    """
    with opened(files) as cassettes:
        recordings = [RecordedSessions(*each) for each in cassettes]
        found = learn(recordings, rules)
        hidden = next(hidden_changes(recordings, msgspec.structs.replace(rules, noise=found.noise)), None)
    if hidden is not None:
        raise UsageError(
            f"{target} is not written, because it would hide {hidden}: "
            "leave out what varies there with --ignore, or record the conversation again"
        )
    write(target, write_noise(found.noise, found.notes).encode())
    print(*map(one_line, learned_lines(found, len(files), target)), sep="\n")
    return 1 if found.unexplained else 2 if found.uncompared else 0
