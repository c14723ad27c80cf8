from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

from foundation.errors import UsageError
from foundation.temporary_files import temporary_root
from recorder.mitmproxy.key_folder import AUTHORITY, key_folder, usable


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def read_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a file system that is mounted read-only, on which root cannot write either."""
    real = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: not mode & os.W_OK and real(path, mode))


@pytest.mark.parametrize("needed", [True, False])
def test_the_usual_folder_is_in_the_home(home: Path, needed: bool) -> None:
    with key_folder(None, needed=needed) as folder:
        assert folder == home / ".mitmproxy"


def test_a_chosen_folder_is_taken_as_it_is(home: Path) -> None:
    with key_folder(home / "other", needed=False) as folder:
        assert folder == home / "other"


def test_a_read_only_home_costs_only_what_needs_the_keys(home: Path, read_only: None) -> None:
    with key_folder(None, needed=True) as folder:
        assert folder == home / ".mitmproxy"
    with key_folder(None, needed=False) as folder:
        assert folder.is_dir()
        assert home not in folder.parents
    assert not folder.exists()


def test_keys_in_a_read_only_home_are_used(home: Path, read_only: None) -> None:
    (home / ".mitmproxy").mkdir()
    (home / ".mitmproxy" / AUTHORITY).touch()
    with key_folder(None, needed=False) as folder:
        assert folder == home / ".mitmproxy"


@pytest.mark.parametrize("folder", ["~/.mitmproxy", "/dev/null/x", "/proc/nowhere/x"])
def test_what_cannot_be_a_folder_is_not_usable(folder: str) -> None:
    assert not usable(Path(folder))


def test_no_folder_for_temporary_files_names_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    def none_found() -> str:
        raise FileNotFoundError(2, "No usable temporary directory found in []")

    monkeypatch.setattr(tempfile, "gettempdir", none_found)
    with pytest.raises(UsageError, match="set TMPDIR to one that can be written"):
        temporary_root()
