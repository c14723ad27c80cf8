"""The scripts that a user's `mitmdump -s` loads; `chatreel addon` prints their paths."""

from pathlib import Path

SCRIPTS = {name: Path(__file__).with_name(f"{name}.py") for name in ("record", "diff")}
"""Each script's file by the name of its addon."""
