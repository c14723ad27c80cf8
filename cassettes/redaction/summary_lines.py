"""What is said of a redaction when it is over."""

from __future__ import annotations

from collections.abc import Iterator

from cassettes.redaction.known_secrets import COUNTED
from cassettes.redaction.redactor import Redactor


def summary(redactor: Redactor) -> Iterator[str]:
    """Yield lines for a person: how many values of which kinds were replaced, and which may be words of answers."""
    replaced = redactor.replaced
    if replaced:
        kinds = ", ".join(f"{counted(count)} {kind}" for kind, count in replaced.items())
        total = sum(replaced.values())
        yield f"replaced {counted(total)} value{'s' if total > 1 else ''}: {kinds}"
    for name, count in redactor.answers.items():
        answers = "one answer" if count == 1 else f"{count} answers"
        yield f"words of {answers} were replaced, because their name is {name!r}; --keep name:{name} keeps them"


def counted(count: int) -> str:
    """Return a number of values, of which no more than COUNTED of a kind are counted."""
    return f"{count}" if count < COUNTED else f"{COUNTED} or more"
