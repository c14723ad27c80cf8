"""The command line: `chatreel COMMAND`. A command's module is imported when it runs (see `commands/`)."""

from __future__ import annotations

import contextlib
import difflib
import importlib
import sys

import click
from click.shell_completion import CompletionItem

from chatreel import __version__
from chatreel.cli import process_setup
from chatreel.cli.command_help import GroupWithExamples, with_next_step
from chatreel.cli.completion import completions_printed
from chatreel.cli.stderr import report_line
from foundation.errors import ChatreelError, UsageError

COMMANDS = {
    "record": "Record a live chatbot into a cassette, through a proxy.",
    "replay": "Play cassettes back from a server, byte for byte and on time.",
    "faults": "List what can go wrong, tell one fault, or show what some do to a recorded answer.",
    "show": "Show what a cassette holds: its exchanges, or one of them as a time line.",
    "diff": "Tell what is different in a live chatbot, or in another recording.",
    "inspect": "Look at cassettes in the browser, at those that are being recorded too.",
    "redact": "Copy a cassette with its secrets replaced.",
    "index": "Save what is known of a long cassette, so that it opens at once.",
    "convert": "Convert between cassettes, HAR files and mitmproxy's flow files, whole or in part.",
    "addon": "Print the path of an addon for mitmdump -s.",
    "completion": "Print the script with which bash, zsh or fish completes commands, options and files.",
    "client": "Ask a chatbot as the platform does.",
    "check": "Hold a chatbot to the contract: the acceptance cases, and what passed.",
    "chatbot": "Run the sample chatbot.",
    "platform": "Run the users' application: a page that asks the chatbot and keeps its answers.",
    "demo": "Record, replay, break and compare in one go, on loopback.",
}
"""Each command and its line in the help, so that the help needs no command's imports."""


CHAPTERS = {
    "Record and replay": ("record", "replay", "faults"),
    "Look and compare": ("show", "inspect", "diff"),
    "Files": ("redact", "convert", "index"),
    "Both sides of a conversation": ("client", "chatbot", "check", "platform", "demo"),
    "Around it": ("addon", "completion"),
}
"""The sections of the commands in the help."""


class LazyGroup(GroupWithExamples):
    """A group whose commands are the `command` of `chatreel.commands.NAME`, imported when asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command."""
        if cmd_name not in COMMANDS:
            return None
        command = importlib.import_module(f"chatreel.commands.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the first argument names; for one that is none, say which is near."""
        if args[0] not in COMMANDS and not args[0].startswith("-"):
            near = difflib.get_close_matches(args[0], COMMANDS, n=1)
            hint = f"did you mean {near[0]}?" if near else "chatreel --help lists them all"
            raise UsageError(f"there is no command {args[0]!r}: {hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of the commands, from their lines here."""
        for title, names in CHAPTERS.items():
            with formatter.section(title):
                formatter.write_dl([(name, COMMANDS[name]) for name in names])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """The commands and options that begin so, from the lines here, so that no command is imported for it."""
        commands = [
            CompletionItem(name, help=line) for name, line in COMMANDS.items() if name.startswith(incomplete)
        ]
        return commands or click.Command.shell_complete(self, ctx, incomplete)


@click.group(
    cls=LazyGroup,
    examples="""
chatreel record --upstream http://127.0.0.1:8100 --out incident.jsonl
chatreel replay incident.jsonl
chatreel inspect incident.jsonl
""",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
@click.version_option(__version__, prog_name="chatreel")
def chatreel() -> None:
    """Record/replay proxy and traffic inspector for chatbots: SSE streams, polled jobs and cookies."""


def main() -> None:
    """Run the command line; an error is one line on stderr and exit code 2, Ctrl-C is 130, SIGTERM is 143."""
    process_setup.prepare()
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command with its arguments; the exit code."""
    try:
        code = invoke(arguments)
        sys.stdout.flush()
    except click.ClickException as error:
        return refuse(with_next_step(error))
    except ChatreelError as error:
        return refuse(str(error))
    except (KeyboardInterrupt, click.Abort):
        return 130
    except OSError as error:
        process_setup.discard_output()
        # Whoever read our output went away (`chatreel show | head`): no more is wanted.
        return 0 if isinstance(error, BrokenPipeError) else refuse(str(error))
    return code


def invoke(arguments: list[str]) -> int:
    """Run one command without click's own handling of errors; the exit code."""
    if completions_printed(chatreel):
        return 0
    try:
        with chatreel.make_context("chatreel", arguments) as context:
            code = chatreel.invoke(context)
    except click.exceptions.NoArgsIsHelpError as error:
        print(error.format_message())
        return 0
    except click.exceptions.Exit as done:
        return done.exit_code
    return code if isinstance(code, int) else 0


def refuse(message: str) -> int:
    """Say what is wrong, on one line; the exit code."""
    with contextlib.suppress(OSError):  # nobody reads stderr: the exit code says it all the same
        report_line(" ".join(message.split()))
    return 2
