"""A checkout on a system whose Git writes CRLF: the scripts still run, and the samples are the same bytes."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def test_a_checkout_with_crlf_changes_no_line_end(tmp_path: Path) -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("this is no checkout")
    copy = tmp_path / "copy"
    clone = ["git", "clone", "--quiet", "--depth=1", "--config", "core.autocrlf=true"]
    subprocess.run([*clone, "--config", "core.eol=crlf", ROOT.as_uri(), copy], check=True)
    checked = [*copy.glob("tools/*.sh"), *copy.glob("cassettes/samples/*.jsonl"), copy / "Makefile"]
    assert len(checked) > 5
    assert [path for path in checked if b"\r\n" in path.read_bytes()] == []
