"""The value that stands for "no value" where `None` already means JSON's null."""

from __future__ import annotations


class Absent:
    """The type of ABSENT, of which there is one instance; compare with `is`."""


ABSENT = Absent()
