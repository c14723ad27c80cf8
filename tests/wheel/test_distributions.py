"""The wheel and the sdist: what is in them, and that the wheel works beside a project's own packages.

`make wheel-check` installs them, which takes minutes, and tries the rest (`check_installed.py`).
"""

from __future__ import annotations

import re
import subprocess
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

from chatreel.workflows.threaded_server import Threaded
from sample_chatbot import server
from sample_chatbot.settings import ChatbotSettings
from tests.wheel.distributions import PACKAGES, built, repository_files
from tests.wheel.user_project import COUNT, user_environment, write_project

PAGE_SOURCES = "sample_platform/frontend/"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built("wheel", tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built("sdist", tmp_path_factory.mktemp("sdist"))


def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def metadata(wheel: Path, name: str) -> str:
    with zipfile.ZipFile(wheel) as archive:
        [found] = (path for path in archive.namelist() if path.endswith(f".dist-info/{name}"))
        return archive.read(found).decode()


def test_the_wheel_adds_one_name_to_site_packages(wheel):
    tops = {name.partition("/")[0] for name in names(wheel)}
    assert {re.sub(r"-[^-]*\.dist-info", " metadata", top) for top in tops} == {
        "chatreel",
        "chatreel metadata",
    }


def test_the_wheel_has_the_files_of_every_package_and_no_others(wheel):
    expected = {
        name if name.startswith("chatreel/") else f"chatreel/_packages/{name}"
        for name in repository_files("chatreel", *PACKAGES)
        if not name.startswith(PAGE_SOURCES)
    }
    assert {name for name in names(wheel) if name.startswith("chatreel/")} == expected


def test_the_platforms_page_is_there_as_it_was_built(wheel):
    folder = "chatreel/_packages/sample_platform/analytics"
    parts = (
        "static/analytics/assistant.js",
        "templates/analytics/assistant.html",
        "migrations/0001_initial.py",
    )
    assert {f"{folder}/{part}" for part in parts} <= names(wheel)


def test_the_wheel_has_a_program_a_plugin_and_an_extra(wheel):
    assert metadata(wheel, "entry_points.txt").split("\n") == [
        "[console_scripts]",
        "chatreel = chatreel.__main__:main",
        "",
        "[pytest11]",
        "chatreel = chatreel.pytest_plugin",
        "",
    ]
    assert "Provides-Extra: platform\n" in metadata(wheel, "METADATA")


def test_the_sdist_has_the_repository_and_makes_the_same_wheel(sdist, wheel, tmp_path):
    with tarfile.open(sdist) as archive:
        inside = {name.partition("/")[2] for name in archive.getnames()}
        archive.extractall(tmp_path, filter="data")
    assert repository_files() <= inside
    [source] = tmp_path.iterdir()
    assert names(built("wheel", tmp_path / "again", source)) == names(wheel)


@pytest.mark.timeout(120)
def test_the_fixture_works_in_a_project_with_packages_of_the_same_names(wheel, tmp_path):
    project, home = tmp_path / "project", tmp_path / "environment"
    project.mkdir()
    # Every other package has no __init__.py: such a one gives way to any of its name that has it.
    with Threaded(lambda: server.run(ChatbotSettings(pace=0))) as url:
        write_project(project, initialised=PACKAGES[::2], chatbot=url)
        options = ("-q", "-p", "no:schemathesis", "-p", "no:anyio", "--chatreel-record", "once")
        run = subprocess.run(
            [python_with(wheel, home), "-m", "pytest", *options],
            cwd=project, env=user_environment(), capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert f"{COUNT} passed" in run.stdout, run.stdout + run.stderr
    assert (project / "new.jsonl").exists()


def python_with(wheel: Path, home: Path) -> Path:
    """The Python of a new environment that has the wheel, and what it depends on from this one.

    The editable install of this one is not seen there: only the folders of a site are searched for .pth files.
    """
    venv.create(home, symlinks=True)
    packages = Path(sysconfig.get_path("purelib", vars={"base": str(home)}, scheme="venv"))
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(packages)  # noqa: S202 - our own
    (packages / "dependencies.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    return home / "bin" / "python"
