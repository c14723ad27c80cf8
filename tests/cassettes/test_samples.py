from __future__ import annotations

import pytest

from cassettes.samples import resolve, samples
from foundation.errors import CassetteError


@pytest.fixture
def folder(tmp_path):
    for name in ("job.jsonl", "error.jsonl", "__init__.py"):
        (tmp_path / name).touch()
    return tmp_path


def test_samples_have_the_names_of_their_files(folder):
    assert samples(folder) == {"error": folder / "error.jsonl", "job": folder / "job.jsonl"}


def test_a_name_is_a_sample(folder):
    assert resolve("job", folder) == folder / "job.jsonl"


def test_a_file_goes_first(folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "job").touch()
    assert str(resolve("job", folder)) == "job"


def test_neither_is_an_error_that_names_the_samples(folder, tmp_path):
    with pytest.raises(
        CassetteError, match="jobs: there is no such file and no such sample; the samples are: error, job"
    ):
        resolve("jobs", folder)
    with pytest.raises(CassetteError, match=r"no such sample$"):
        resolve("jobs", tmp_path / "empty")
