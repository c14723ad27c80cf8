"""Pass criteria: how a case states what it expected and what it found instead."""

from __future__ import annotations

from foundation.errors import ChatreelError

LONGEST_FOUND = 200
"""Characters of what was found that a person is shown: a target can send anything."""


class Unmet(ChatreelError):
    """A pass criterion that the target does not meet."""

    def __init__(self, criterion: str, expected: object, found: object) -> None:
        super().__init__(f"{criterion}: expected {shown(expected)}, found {shown(found)}")


class Skipped(ChatreelError):
    """The case cannot be applied to this target; the message is the reason."""


def expect(criterion: str, met: object, expected: object, found: object) -> None:
    """Raise Unmet with the expected and the found value unless `met` is true."""
    if not met:
        raise Unmet(criterion, expected, found)


def expect_equal(criterion: str, found: object, expected: object) -> None:
    """Raise Unmet unless the found value equals the expected one."""
    expect(criterion, found == expected, expected, found)


def shown(value: object) -> str:
    """A value as text for a message, cut after LONGEST_FOUND characters; a string stays without quotes."""
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= LONGEST_FOUND else f"{text[:LONGEST_FOUND]}..."
