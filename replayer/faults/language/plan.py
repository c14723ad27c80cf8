"""A plan: faults in the order in which they apply, and the seed of their random draws."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from foundation.errors import UsageError
from replayer.faults.fault import Fault
from replayer.faults.language.spec import from_table, parse, write

MOST_FAULTS = 1000
"""The faults of one plan."""


@dataclass(frozen=True)
class FaultPlan:
    """The faults that apply, in their order, and their seed. Raises UsageError for more than MOST_FAULTS."""

    faults: tuple[Fault, ...] = ()
    seed: int = 0

    def __post_init__(self) -> None:
        if len(self.faults) > MOST_FAULTS:
            raise UsageError(f"a plan has at most {MOST_FAULTS} faults, and this has {len(self.faults)}")

    @property
    def lines(self) -> list[str]:
        """The faults as lines that `plan_of` reads."""
        return [write(fault) for fault in self.faults]


def plan_of(lines: Iterable[str], seed: int = 0) -> FaultPlan:
    """Return the plan of lines `NAME key=value ...`; raises UsageError for a wrong one."""
    return FaultPlan(tuple(parse(line) for line in lines), seed)


def read_plan(path: Path) -> tuple[Fault, ...]:
    """Return the faults of a TOML file with a `[[faults]]` table for each; raises UsageError that names the file."""
    import tomllib  # noqa: PLC0415 - few plans are in a file

    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"{path}: {getattr(error, 'strerror', None) or error}") from None
    except RecursionError:
        raise UsageError(
            f"{path}: it is nested too deep: a fault has one level of [[faults]] tables"
        ) from None
    tables = found.pop("faults", [])
    if found or not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise UsageError(
            f"{path}: write a [[faults]] table for each of them, with its `fault` and its parameters, and no more"
        )
    faults = []
    for number, table in enumerate(tables, 1):
        try:
            faults.append(from_table(table))
        except UsageError as error:
            raise UsageError(f"{path}: [[faults]] {number}: {error}") from None
    return tuple(faults)
