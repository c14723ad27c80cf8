"""Pass criteria: how a case says what it expected and what it found instead."""

from __future__ import annotations

from foundation.errors import ChatreelError

LONGEST_FOUND = 200
"""Characters of what was found that a person is shown: a target can send anything."""


class Unmet(ChatreelError):
    """A pass criterion that the target does not meet."""

    def __init__(self, criterion: str, expected: object, found: object) -> None:
        super().__init__(f"{criterion}: expected {shown(expected)}, found {shown(found)}")


class Skipped(ChatreelError):
    """The case says nothing about this target; the message is the reason."""


def expect(criterion: str, met: object, expected: object, found: object) -> None:
    """Hold the target to a criterion. Raises Unmet."""
    if not met:
        raise Unmet(criterion, expected, found)


def expect_equal(criterion: str, found: object, expected: object) -> None:
    """Hold the target to a criterion that is a value. Raises Unmet."""
    expect(criterion, found == expected, expected, found)


def shown(value: object) -> str:
    """A value for a message, cut where it is too long to read; text as it is, so that messages read well."""
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= LONGEST_FOUND else f"{text[:LONGEST_FOUND]}..."
