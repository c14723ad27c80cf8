"""`chatreel check --platform`: against the sample platform, and against wrong platforms."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from chatreel.conformance import deployment
from chatreel.conformance.deployment import LoginForm, login_form
from chatreel.main import run
from chatreel.workflows.threaded_server import Threaded
from sample_chatbot import server
from sample_chatbot.settings import ChatbotSettings
from tests.raw_server import RawServer, Talk
from tests.sample_platform.chatbots import COMPLETE, Saying, event, result
from tests.sample_platform.running import Platform, asking

type Output = pytest.CaptureFixture[str]
type Start = Callable[[Talk], RawServer]

PACE = 0.01


@pytest.fixture(scope="module")
def chatbot() -> Iterator[str]:
    with Threaded(lambda: server.run(ChatbotSettings(pace=PACE))) as origin:
        yield origin


def check(platform: Platform, *arguments: str) -> int:
    signed_in = ["--user", platform.user, "--password", platform.password]
    return run(["check", "--platform", platform.url, *signed_in, *arguments])


def remarks(output: str) -> dict[str, str]:
    """What the line of each case says after its id."""
    return {line[:6]: line[8:] for line in output.splitlines() if line.startswith("TC-")}


def test_all_seven_categories_of_a_platform_and_its_chatbot(
    platform: Platform, chatbot: str, capsys: Output
) -> None:
    """A chatbot that answers with jobs alone lets TC-602 be seen."""
    target = ["--target", chatbot, "--pace", str(PACE)]
    with asking(f"{chatbot}/api/v1/stream?mode=job", CHATBOT_POLL_INTERVAL=2 * PACE):
        assert check(platform, *target) == 0
    out = capsys.readouterr().out
    said = remarks(out)
    assert len(said) == 26
    for case in ("TC-601", "TC-602", "TC-603"):
        assert said[case].startswith("passed ")
    assert said["TC-604"].startswith(
        "skipped  Frontend State Management: the states of the page's store show in a"
    )
    assert "Integration             3  yes            100%    100%        1\n" in out
    assert "Overall                25                 100%     95%        1\n" in out


def test_a_platform_alone_is_held_to_its_own_cases(platform: Platform, chatbot: str, capsys: Output) -> None:
    with asking(f"{chatbot}/api/v1/stream"):
        assert check(platform, "--json") == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["target"], report["platform"]) == (None, platform.url)
    assert {case["id"]: case["verdict"] for case in report["cases"]} == {
        "TC-601": "passed",
        "TC-602": "skipped",
        "TC-603": "passed",
        "TC-604": "skipped",
    }


def test_a_stream_shows_no_polling(platform: Platform, chatbot: str, capsys: Output) -> None:
    with asking(f"{chatbot}/api/v1/stream"):
        assert check(platform, "--target", chatbot, "--case", "TC-602") == 2
    assert f"let it ask {chatbot}/api/v1/stream?mode=job\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("case", "said", "message"),
    [
        (
            "TC-601",
            [event("error", error="No documents")],
            "no errors: expected no error event, found No documents",
        ),
        ("TC-601", [COMPLETE], "a result arrives: expected a result event"),
        ("TC-601", [result(), COMPLETE], "progress indicators appear: expected progress events"),
        (
            "TC-601",
            [event("progress", progress=1), result(), event("progress", progress=2)],
            "the result comes after the progress",
        ),
        (
            "TC-601",
            [event("progress", progress=2), event("progress", progress=1), result()],
            "progress advances",
        ),
        ("TC-603", [event("result", response="")], "the result contains the response: expected a text"),
    ],
)
def test_what_its_users_would_see_fails(
    platform: Platform, raw_server: Start, case: str, said: list[bytes], message: str, capsys: Output
) -> None:
    with asking(raw_server(Saying(*said)).url):
        assert check(platform, "--case", case) == 1
    line = remarks(capsys.readouterr().out)[case]
    assert line.startswith("FAILED ")
    assert message in line


def kept_again(kept: Any) -> None:
    """Save a second row like a first one."""
    kept.pk = None
    type(kept).objects.bulk_create([kept])


def kept_otherwise(kept: Any) -> None:
    """Change a row."""
    type(kept).objects.filter(pk=kept.pk).update(response_str="Something else")


@pytest.mark.parametrize("case", ["TC-601", "TC-602", "TC-603"])
@pytest.mark.parametrize(
    ("after_saving", "message"),
    [
        (lambda kept: kept.delete(), "the message is saved once: expected 1, found 0"),
        (kept_again, "the message is saved once: expected 1, found 2"),
        (kept_otherwise, "the saved response matches the final one: expected "),
    ],
    ids=["forgotten", "twice", "changed"],
)
def test_an_answer_that_is_not_kept_as_it_was_fails(
    platform: Platform,
    chatbot: str,
    case: str,
    after_saving: Callable[[Any], object],
    message: str,
    capsys: Output,
) -> None:
    target = ["--target", chatbot, "--pace", str(PACE)]
    mode = "?mode=job" if case == "TC-602" else ""
    with asking(f"{chatbot}/api/v1/stream{mode}", CHATBOT_POLL_INTERVAL=2 * PACE), on_saving(after_saving):
        assert check(platform, *target, "--case", case) == 1
    assert message in capsys.readouterr().out


@pytest.mark.parametrize("case", ["TC-601", "TC-603"])
def test_a_platform_that_does_not_tell_what_it_keeps(
    platform: Platform, chatbot: str, case: str, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    monkeypatch.setattr(deployment, "SESSION", "/elsewhere/")
    with asking(f"{chatbot}/api/v1/stream"):
        assert check(platform, "--case", case) == 2
    assert "does not tell what it keeps (/elsewhere/<id>): ask its database by SQL" in capsys.readouterr().out


@contextlib.contextmanager
def on_saving(do: Callable[[Any], object]) -> Iterator[None]:
    """A platform that does something to each answer as it is saved."""
    from django.db.models.signals import post_save  # noqa: PLC0415 - Django must be set up first

    from sample_platform.analytics.models import ChatMessage  # noqa: PLC0415 - Django must be set up first

    def saved(instance: ChatMessage, **_: object) -> None:
        do(instance)

    post_save.connect(saved, sender=ChatMessage)
    try:
        yield
    finally:
        post_save.disconnect(saved, sender=ChatMessage)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ([], "asks who is there: give --user and --password"),
        (["--user", "demo", "--password", "wrong"], "does not let demo in: look at --user and --password"),
    ],
)
def test_who_may_not_sign_in(platform: Platform, arguments: list[str], reason: str, capsys: Output) -> None:
    assert run(["check", "--platform", platform.url, *arguments]) == 2
    err = capsys.readouterr().err
    assert err == f"chatreel: {platform.url} {reason}\n"


def test_the_password_comes_from_the_environment_too(
    platform: Platform, chatbot: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHATREEL_PLATFORM_PASSWORD", platform.password)
    with asking(f"{chatbot}/api/v1/stream"):
        assert run(["check", "--platform", platform.url, "--user", "demo", "--case", "TC-601"]) == 0


def test_what_is_no_platform_is_said(chatbot: str, capsys: Output) -> None:
    assert run(["check", "--platform", chatbot]) == 2
    assert "/analytics/assistant: 404 Not Found; is the platform there?" in capsys.readouterr().err


LOGIN = """<form action=/in><input type=hidden name=t value="&amp;1"><input type=email name=mail>
<input type=password name=pw><input type=submit name=go></form>"""


@pytest.mark.parametrize(
    ("page", "form"),
    [
        ("", None),
        ("<form action=/search><input name=q></form>", None),
        (f"<form><input name=q></form>{LOGIN}", LoginForm("/in", {"t": "&1"}, "mail", "pw")),
        (
            "<form><input name=who><input name=more><input type=password name=pw>",
            LoginForm("", {}, "who", "pw"),
        ),
        ("<![x <form><input type=password", None),
    ],
)
def test_the_form_that_asks_for_a_password(page: str, form: LoginForm | None) -> None:
    assert login_form(page) == form
