"""What a user does with an installed Chatreel, tried for real: `make wheel-check`, which takes some minutes.

The wheel and the sdist are installed by pip, with all that they depend on, into new environments of each Python that
is found, and tried away from the source tree.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.child import start_child
from tests.wheel.distributions import PACKAGES, ROOT, built
from tests.wheel.user_project import COUNT, user_environment, write_project

pytestmark = pytest.mark.timeout(600)

VERSIONS = ("3.12", "3.13", "3.14")

FREE_PORT = ("--listen", "127.0.0.1:0")

ADDRESS = re.compile(r"(?: on http://| listening at )(127\.0\.0\.1:\d+)")
"""Where a server is, in its ready line; the chatbot behind it can be named there, too."""


def python_of(version: str) -> str | None:
    """The Python of this version that works here, if there is one."""
    found = shutil.which(f"python{version}")
    if found and subprocess.run([found, "-c", ""], capture_output=True, check=False).returncode == 0:
        return found
    return None


class UserEnvironment:
    """A virtual environment in the folder `home`, without Chatreel as yet."""

    def __init__(self, home: Path, python: str) -> None:
        subprocess.run([python, "-m", "venv", home], check=True)
        self.programs = home / "bin"
        self.variables = user_environment()

    def pip(self, *arguments: str | Path) -> None:
        """Run pip."""
        subprocess.run([self.programs / "python", "-m", "pip", "-q", *arguments], check=True)

    def site_packages(self) -> set[str]:
        """The names in the folder of installed packages."""
        [folder] = self.programs.parent.glob("lib/python*/site-packages")
        return {path.name for path in folder.iterdir()}

    def run(self, folder: Path, *command: str | Path, **variables: str) -> str:
        """Run a program of the environment in a folder, which has to exit with 0, and return its stdout."""
        done = subprocess.run(
            [self.programs / command[0], *command[1:]], cwd=folder, env=self.variables | variables,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout

    @contextlib.contextmanager
    def serving(self, folder: Path, *command: str | Path, **variables: str) -> Iterator[str]:
        """Run a server until the block ends, and yield its ready line; it has to end with 0 then."""
        process = start_child(
            self.programs / command[0], *command[1:], cwd=folder,
            env=self.variables | {"PYTHONUNBUFFERED": "1"} | variables,
        )  # fmt: skip
        try:
            assert process.stdout is not None
            yield next(line for line in process.stdout if ADDRESS.search(line))
            process.send_signal(signal.SIGINT)
            errors = process.communicate(timeout=30)[1]
            assert process.returncode == 0, errors
            assert "Traceback" not in errors
        finally:
            process.kill()
            process.communicate()


def url_in(line: str) -> str:
    """The origin that a ready line has."""
    found = ADDRESS.search(line)
    assert found
    return f"http://{found[1]}"


@pytest.fixture(scope="module", params=["wheel", "sdist"])
def distribution(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(request.param, tmp_path_factory.mktemp(request.param))


@pytest.fixture(scope="module", params=VERSIONS)
def environment(
    request: pytest.FixtureRequest, distribution: Path, tmp_path_factory: pytest.TempPathFactory
) -> UserEnvironment:
    """A new environment that has what is distributed, which has added one name."""
    python = python_of(request.param)
    if python is None:
        pytest.skip(f"there is no Python {request.param} here")
    found = UserEnvironment(tmp_path_factory.mktemp(f"python{request.param}"), python)
    before = found.site_packages()
    found.pip("install", "--no-deps", distribution)
    assert {name.partition("-")[0] for name in found.site_packages() - before} == {"chatreel"}
    found.pip("install", f"{distribution}[platform]", "pytest")
    return found


@pytest.fixture
def chatbot(environment: UserEnvironment, tmp_path: Path) -> Iterator[str]:
    """The url of the sample chatbot."""
    with environment.serving(tmp_path, "chatreel", "chatbot", *FREE_PORT, "--pace", "0.01") as ready:
        yield url_in(ready)


@pytest.fixture(params=["with __init__.py", "without"])
def project(request: pytest.FixtureRequest, tmp_path: Path, chatbot: str) -> Path:
    """A project with packages of its own that are named like each of Chatreel's."""
    initialised = [] if request.param == "without" else PACKAGES
    write_project(tmp_path, initialised=initialised, chatbot=chatbot)
    return tmp_path


def test_the_demo(environment, tmp_path):
    printed = environment.run(tmp_path, "chatreel", "demo", "--out", "demo.jsonl")
    assert printed.count("events: identical") == 2
    assert "  same: 3 questions of 3 sessions compared, 0 differences\n" in printed


def test_record_show_replay_inspect_diff_and_check(environment, tmp_path, chatbot):
    recorder = (
        "chatreel",
        "record",
        *FREE_PORT,
        "--upstream",
        chatbot,
        "--out",
        "new.jsonl",
        "--ca-dir",
        "ca",
    )
    with environment.serving(tmp_path, *recorder) as ready:
        asked = ("chatreel", "client", "--query", "Hello", "--url", f"{url_in(ready)}/api/v1/stream")
        environment.run(tmp_path, *asked)
    assert "POST" in environment.run(tmp_path, "chatreel", "show", "new.jsonl")
    with environment.serving(tmp_path, "chatreel", "replay", *FREE_PORT, "new.jsonl") as ready:
        again = (*asked[:-1], f"{url_in(ready)}/api/v1/stream")
        assert "complete" in environment.run(tmp_path, *again)
    with environment.serving(tmp_path, "chatreel", "inspect", *FREE_PORT, "new.jsonl") as ready:
        page = requests.get(url_in(ready), timeout=10)
        assert "<script" in page.text
    environment.run(tmp_path, "chatreel", "diff", "new.jsonl", "--live", chatbot)
    case = ("chatreel", "check", "--target", chatbot, "--pace", "0.01", "--case", "TC-101")
    assert "passed" in environment.run(tmp_path, *case)


def test_the_platform_needs_no_node(environment, tmp_path, chatbot):
    (tmp_path / "node").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "node").chmod(0o755)
    path = f"{tmp_path}:{os.environ['PATH']}"
    with environment.serving(
        tmp_path, "chatreel", "platform", *FREE_PORT, "--chatbot", chatbot, PATH=path
    ) as ready:
        here, password = url_in(ready), ready.split()[-1]
        script = requests.get(f"{here}/static/analytics/assistant.js", timeout=10)
        assert (script.status_code, len(script.content) > 10_000) == (200, True)
        environment.run(
            tmp_path, "chatreel", "check", "--target", chatbot, "--pace", "0.01", "--category", "integration",
            "--platform", here, "--user", "demo", "--password", password,
        )  # fmt: skip


@pytest.mark.parametrize(
    ("command", "variables"),
    [
        (("pytest",), {}),
        (("python", "-m", "pytest"), {}),
        (("pytest",), {"PYTHONPATH": "."}),
    ],
    ids=["pytest", "python -m pytest", "PYTHONPATH=. pytest"],
)
def test_the_fixture_in_a_project_with_packages_of_the_same_names(environment, project, command, variables):
    printed = environment.run(project, *command, "-q", "--chatreel-record", "once", **variables)
    assert f"{COUNT} passed" in printed
    assert (project / "new.jsonl").exists()


def test_commands_with_the_projects_packages_on_the_path(environment, project):
    path = {"PYTHONPATH": "."}
    environment.run(project, "chatreel", "demo", "--out", "demo.jsonl", **path)
    replay = (
        "chatreel",
        "replay",
        *FREE_PORT,
        "health",
        "--fault-module",
        "own_fault.py",
        "--fault",
        "teapot",
    )
    with environment.serving(project, *replay, **path) as ready:
        assert requests.get(f"{url_in(ready)}/health", timeout=10).status_code == 418
    environment.run(project, "python", "-m", "chatreel", "show", "health", **path)


@pytest.mark.parametrize(("addon", "option"), [("record", "chatreel_out"), ("diff", "chatreel_compare")])
def test_an_addon_in_the_users_own_mitmdump(environment, project, chatbot, addon, option):
    script = environment.run(project, "chatreel", "addon", addon).strip()
    file = {"record": "recorded.jsonl", "diff": "health"}[addon]
    listen = ("--listen-host", "127.0.0.1", "--listen-port", "0", "--mode", f"reverse:{chatbot}")
    options = ("--set", "confdir=ca", "--set", f"{option}={file}")
    with environment.serving(project, "mitmdump", *listen, "-s", script, *options, PYTHONPATH=".") as ready:
        assert requests.get(f"{url_in(ready)}/health", timeout=10).status_code == 200
    if addon == "record":
        assert "/health" in environment.run(project, "chatreel", "show", file)


def test_the_client_as_a_library(environment, tmp_path):
    readme = (ROOT / "docs" / "check.md").read_text(encoding="utf-8")
    program = next(
        code for code in re.findall(r"```python\n(.*?)```", readme, re.DOTALL) if "import_first" in code
    )
    with environment.serving(tmp_path, "chatreel", "replay", *FREE_PORT, "stream", "--speed", "max") as ready:
        (tmp_path / "program.py").write_text(program.replace("http://127.0.0.1:8100", url_in(ready)))
        assert "complete" in environment.run(tmp_path, "python", "program.py")
