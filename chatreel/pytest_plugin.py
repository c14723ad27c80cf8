"""The pytest plugin (`pytest11`): the options, the marker, the fixture `chatreel`, and what fails a test.

It only wires. `chatreel/testing/` is imported when a test asks for the fixture, so that a test run which never does
imports nothing of ours but this module. What works runs in a process of Chatreel's own, the test server.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from chatreel.testing import Chatreel

MODES = ("none", "once", "new_episodes", "all")

MARKER = (
    "chatreel(*cassettes, upstream=URL, allow_misses=False, **options): what the fixture `chatreel` plays, and"
    " how; the options are those of the command `chatreel replay`, as in speed=10."
)

FIXTURE = pytest.StashKey["Chatreel"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options, and what they are by default."""
    group = parser.getgroup("chatreel", "replays of recorded chatbots")
    group.addoption(
        "--chatreel-record",
        choices=MODES,
        help="What is recorded from the live chatbot: nothing, a cassette that is missing, what a cassette lacks, or"
        " every cassette anew"
        " [default: the ini option chatreel_record, else none].",
    )
    group.addoption("--chatreel-upstream", metavar="URL", default="",
                    help="The live chatbot, in place of the markers' `upstream`.")  # fmt: skip
    parser.addini(
        "chatreel_record", f"What is recorded from the live chatbot: {', '.join(MODES)}.", default="none"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker; refuse a mode that is none."""
    config.addinivalue_line("markers", MARKER)
    if record_mode(config) not in MODES:
        raise pytest.UsageError(
            f"chatreel_record = {record_mode(config)}: write one of {', '.join(MODES)} in {config.inipath}"
        )


def record_mode(config: pytest.Config) -> str:
    """The mode of the command line, else of the ini file."""
    return str(config.getoption("--chatreel-record") or config.getini("chatreel_record"))


@pytest.fixture
def chatreel(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chatreel]:
    """Replays of recorded chatbots: that of the marker `chatreel`, and those that the test starts by `replay()`."""
    from chatreel.testing import Chatreel, ChatreelError, Recorders  # noqa: PLC0415 - as above

    config, test = request.config, request.node
    recorders = Recorders(
        mode=record_mode(config),
        upstream=config.getoption("--chatreel-upstream"),
        test=test.nodeid,
        claims=folder_of_the_run(config, tmp_path_factory.getbasetemp()),
    )
    cassettes, options = marked(test)
    try:
        with Chatreel((test.path.parent, config.rootpath), recorders, options) as fixture:
            test.stash[FIXTURE] = fixture
            if cassettes:
                fixture.replay(*cassettes)
            yield fixture
            fail_for(fixture.explain_new_misses())
    except ChatreelError as error:
        raise pytest.fail.Exception(f"chatreel: {error}", pytrace=False) from None


def marked(test: pytest.Item) -> tuple[tuple[str | Path, ...], dict[str, Any]]:
    """The cassettes of the nearest marker that names some, and the options of all, the nearest first."""
    markers = list(test.iter_markers("chatreel"))
    cassettes = next((marker.args for marker in markers if marker.args), ())
    options = {name: value for marker in reversed(markers) for name, value in marker.kwargs.items()}
    return cassettes, options


def folder_of_the_run(config: pytest.Config, folder: Path) -> Path:
    """The temporary folder that all processes of this test run share: that above a pytest-xdist worker's."""
    return folder.parent if hasattr(config, "workerinput") else folder


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Fail a test that passes in spite of a miss; tell of the misses of one that fails anyway."""
    try:
        result = yield
    except BaseException:
        if text := new_misses(item):
            item.add_report_section("call", "chatreel", text)
        raise
    fail_for(new_misses(item))
    return result


def new_misses(item: pytest.Item) -> str:
    """The misses of a test that uses the fixture, since this was called last, as text."""
    fixture = item.stash.get(FIXTURE, None)
    return fixture.explain_new_misses() if fixture else ""


def fail_for(misses: str) -> None:
    """Fail when there are any."""
    if misses:
        pytest.fail(f"chatreel: {misses}", pytrace=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """See whether the test passed: then, and only then, is its recording kept."""
    report = yield
    fixture = item.stash.get(FIXTURE, None)
    if fixture and report.when == "call":
        fixture.passed = report.passed
    return report
