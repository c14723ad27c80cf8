"""The keys of the page and those of its documentation are the same."""

from __future__ import annotations

import re
from pathlib import Path

from inspector.handlers.page import STATIC

DOCS = Path(__file__).parents[3] / "docs" / "inspector.md"


def bound() -> set[str]:
    """The keys that the page's modules bind."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in STATIC.rglob("*.js"))
    return {
        key
        for keys in re.findall(r'\{ keys: \[([^\]]*"[^"]*"|"\]"|"\[")\]', text)
        for key in re.findall(r'"([^"]+)"', keys)
    }


def documented() -> set[str]:
    """The keys in the second column of the table in the documentation."""
    section = DOCS.read_text(encoding="utf-8").partition("\n## Keys\n")[2].partition("\n## ")[0]
    cells = [line.split(" | ")[1] for line in section.splitlines() if line.startswith("| ")]
    return {key for cell in cells for key in re.findall(r"`([^`]+)`", cell)}


def test_each_key_is_documented_and_each_documented_key_exists() -> None:
    assert documented() == bound()
    assert len(bound()) > 20
