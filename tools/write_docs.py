"""Writes docs/commands.md from the commands' own help, and the tables of docs/faults.md and docs/redaction.md."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import click

from cassettes.redaction.secret_kinds import NAME_KINDS, ORDINARY_WORDS, NameKind
from cassettes.redaction.secret_shapes import SHAPES
from chatreel.main import COMMANDS, chatreel
from chatreel.output.fault_help import LIMITS, POSITION, description, families, own_parameters, summary, usage
from replayer.faults.fault import Fault
from replayer.faults.language.declared_parameters import Parameter
from replayer.faults.language.registry import FAMILIES
from replayer.faults.position import Positioned

ROOT = Path(__file__).parent.parent
TARGET = ROOT / "docs" / "commands.md"
FAULTS = ROOT / "docs" / "faults.md"
REDACTION = ROOT / "docs" / "redaction.md"
EXAMPLE = ROOT / "examples" / "shout.py"
WIDTH = 110


def page() -> str:
    """The text of docs/commands.md."""
    parts = ["# All commands\n\nWritten by `make docs` from the commands' own help.\n"]
    group = click.Context(chatreel, info_name="chatreel", **chatreel.context_settings)
    for name in COMMANDS:
        command = chatreel.get_command(group, name)
        assert command is not None
        parts += chapters(command, name, group)
    return "".join(parts)


def chapters(command: click.Command, name: str, parent: click.Context) -> Iterator[str]:
    """The chapter with the help of a command, then those of its subcommands."""
    context = click.Context(
        command, info_name=name, parent=parent, terminal_width=WIDTH, max_content_width=WIDTH
    )
    yield f"\n## {context.command_path}\n\n```\n{command.get_help(context)}\n```\n"
    if isinstance(command, click.Group):
        for inner, found in command.commands.items():
            yield from chapters(found, inner, context)


def faults_page() -> str:
    """The text of docs/faults.md, with the parts between the marks written anew."""
    parts = {
        "position": table(("position", "where"), map(row, POSITION)),
        "limits": table(("limit", "which"), map(row, LIMITS)),
        "faults": "\n".join(map(family, FAMILIES.values())),
        "example": f"```python\n{EXAMPLE.read_text(encoding='utf-8')}```\n",
    }
    return filled(FAULTS.read_text(encoding="utf-8"), parts)


def redaction_page() -> str:
    """The text of docs/redaction.md, with its tables written anew."""
    parts = {
        "names": table(
            ("kind", "where", "names", "names that end in", "test", "for example"), map(kind_row, NAME_KINDS)
        ),
        "ordinary": ", ".join(map(code, sorted(ORDINARY_WORDS))) + "\n",
        "shapes": table(
            ("kind", "begins with", "whose"),
            ((shape.kind, " ".join(map(code, shape.prefixes)), shape.example) for shape in SHAPES),
        ),
    }
    return filled(REDACTION.read_text(encoding="utf-8"), parts)


def kind_row(kind: NameKind) -> tuple[str, ...]:
    """The cells of a kind of secret that is known by its name."""
    where = "everywhere" if len(kind.places) > 5 else ", ".join(kind.places)
    return kind.kind, where, " ".join(kind.names), " ".join(kind.endings), kind.value, kind.example


def filled(page: str, parts: Mapping[str, str]) -> str:
    """The text of a page with new parts between its marks."""
    for name, text in parts.items():
        start = f"<!-- {name}: written by `make docs` -->\n"
        before, _, after = page.partition(start)
        _, end, rest = after.partition("<!-- end -->")
        page = f"{before}{start}\n{text}\n{end}{rest}"
    return page


def family(title: str) -> str:
    """The section of a family of faults: its title and a table."""
    head = ("fault", "what it does", "takes, beside the limits", "for example")
    return f"### {title.capitalize()}\n\n{table(head, map(fault_row, families()[title]))}"


def fault_row(fault: type[Fault]) -> tuple[str, ...]:
    """The cells of a fault in the table of its family."""
    at_place = issubclass(fault, Positioned)
    taken = [
        f"{code(usage(one))} {description(one)}"
        for one in own_parameters(fault)
        if not (at_place and one in POSITION)
    ]
    if at_place:
        taken.append("a [position](#where-in-an-answer)")
    return code(fault.called), summary(fault), "<br>".join(taken), code(fault.example)


def row(parameter: Parameter) -> tuple[str, str]:
    """The cells of a parameter: usage and description."""
    return code(usage(parameter)), description(parameter)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def code(text: str) -> str:
    """The text as code in Markdown."""
    return f"`{text}`"


if __name__ == "__main__":
    TARGET.write_text(page(), encoding="utf-8")
    FAULTS.write_text(faults_page(), encoding="utf-8")
    REDACTION.write_text(redaction_page(), encoding="utf-8")
