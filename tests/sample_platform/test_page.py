"""The assistant in a browser: what its user sees when all goes well, and when things break."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from cassettes.samples import samples
from chatreel.workflows.threaded_server import Threaded
from sample_chatbot import server
from sample_chatbot.settings import ChatbotSettings
from tests.raw_server import RawServer, Talk
from tests.sample_platform.chatbots import COMPLETE, Directed, Saying, event, result
from tests.sample_platform.running import Platform, Visitor, asking, replaying
from tests.sample_platform.tab import Tab

type Start = Callable[[Talk], RawServer]

STREAMED = "What are the key financial metrics?"
"""The question of the sample `stream`."""

POLLED = "Deep analysis request"
"""The question of the sample `job`."""


IN_SIGHT = """element => {
  const { x, y, height } = element.getBoundingClientRect();
  return element.contains(document.elementFromPoint(x + 40, y + height / 2));
}"""
"""Whether an element is in the window, and nothing such as the form above it."""


@pytest.fixture(scope="session")
def visitor(platform: Platform) -> Visitor:
    return platform.visitor()


@pytest.fixture
def tab(page: Page, platform: Platform, visitor: Visitor) -> Iterator[Tab]:
    """The assistant's page, in which nothing may go wrong unseen."""
    tab = Tab(page, platform).open_as(visitor)
    expect(tab.heading).to_be_visible()
    yield tab
    assert tab.complaints == []


@pytest.fixture
def directed(raw_server: Start) -> Iterator[Directed]:
    chatbot = Directed()
    with asking(raw_server(chatbot).url):
        yield chatbot


@contextlib.contextmanager
def broken(sample: str, *faults: str) -> Iterator[None]:
    """Let the platform ask a replay of a sample that has faults."""
    mode = "?mode=job" if sample == "job" else ""
    with (
        replaying(samples()[sample], *faults) as origin,
        asking(f"{origin}/api/v1/stream{mode}", CHATBOT_POLL_INTERVAL=0.02, MAX_POLL_TIMEOUT_SECONDS=3.0),
    ):
        yield


def chats_ended() -> None:
    """Wait until no chat runs: a page shows an answer just before it is saved."""
    from sample_platform.analytics.running import RUNNING  # noqa: PLC0415 - Django must be set up first

    for chat in list(RUNNING._chats.values()):
        chat.join(20)


# When all goes well.


def test_the_page_shows_each_step_as_it_comes(tab: Tab, directed: Directed) -> None:
    tab.assert_accessible()
    tab.ask("Step by step?")
    expect(tab.progress).to_have_attribute("value", "0")
    steps = tab.page.get_by_role("region", name="Progress").get_by_role("listitem")
    directed.say(
        event(
            "progress", step="load", message="Loading", progress=25, details={"found": 12, "in": ["A", "B"]}
        )
    )
    expect(tab.progress).to_have_attribute("value", "25")
    expect(steps).to_have_text(["Loading found: 12 · in: A, B"])
    directed.say(event("progress", step="write", message="Writing", progress=62.5))
    expect(tab.progress).to_have_attribute("value", "62.5")
    expect(steps).to_have_text(["Loading found: 12 · in: A, B", "Writing"])
    expect(tab.page.get_by_role("status")).to_have_text("Writing")
    tab.assert_accessible()
    directed.end(result("**Revenue** grew."), COMPLETE)
    expect(tab.answers).to_have_count(1)
    expect(tab.answers.locator("strong")).to_have_text("Revenue")
    expect(tab.progress).to_have_count(0)
    expect(tab.page.get_by_role("status")).to_have_text("The answer is here.")
    expect(tab.page.get_by_label("Your question")).to_be_focused()


def test_the_page_follows_the_newest_step_unless_its_reader_scrolled_up(tab: Tab, directed: Directed) -> None:
    tab.page.set_viewport_size({"width": 360, "height": 480})
    tab.ask("How many steps?")
    steps = tab.page.get_by_role("region", name="Progress").get_by_role("listitem")

    def step(number: int) -> None:
        directed.say(event("progress", step=f"s{number}", message=f"Step {number}", progress=number))
        expect(steps).to_have_count(number)

    for number in range(1, 31):
        step(number)
    assert steps.last.evaluate(IN_SIGHT)
    tab.page.evaluate("scrollTo(0, 0)")
    step(31)
    assert tab.page.evaluate("scrollY") == 0
    directed.end(result(), COMPLETE)
    expect(tab.answers).to_have_count(1)


def test_a_conversation_by_keyboard_alone(tab: Tab, platform: Platform, raw_server: Start) -> None:
    chatbot = Saying(
        result("One answer", sources=[{"type": "document", "title": "Annual Report", "page": 42}])
    )
    keyboard = tab.page.keyboard
    with asking(raw_server(chatbot).url):
        tab.page.get_by_label("Deep Research").focus()
        keyboard.press("ArrowRight")
        expect(tab.page.get_by_label("Without documents")).to_be_checked()
        keyboard.press("Tab")
        keyboard.type("Two")
        keyboard.press("Shift+Enter")
        keyboard.type("lines?")
        keyboard.press("Enter")
        expect(tab.answers).to_have_count(1)
        keyboard.type("And then?")
        keyboard.press("Enter")
        expect(tab.answers).to_have_count(2)
    chats_ended()
    assert [b'"auto_load_documents": false' in request for request in chatbot.requests] == [True, True]
    assert (
        platform.row_of("Two\nlines?")["chat_session_id"] == platform.row_of("And then?")["chat_session_id"]
    )
    assert (
        b'[{"role": "user", "content": "Two\\nlines?"}, {"role": "assistant", "content": "One answer"}]'
        in (chatbot.requests[1])
    )
    # What is kept comes back, and so does its place among the chats.
    tab.page.reload()
    expect(tab.answers).to_have_count(2)
    expect(tab.answers.first.get_by_role("listitem")).to_have_text("Document Annual Report page 42")
    expect(tab.page.get_by_role("link", name="Two lines?")).to_have_attribute("aria-current", "page")
    tab.assert_accessible()


def test_two_tabs_at_once_stay_apart(
    tab: Tab, context: BrowserContext, platform: Platform, visitor: Visitor
) -> None:
    with (
        Threaded(lambda: server.run(ChatbotSettings(pace=0.1))) as chatbot,
        asking(f"{chatbot}/api/v1/stream"),
        contextlib.closing(context.new_page()) as page,
    ):
        other = Tab(page, platform).open_as(visitor)
        tab.ask("Question of the first tab")
        other.ask("Question of the second tab")
        for one, name in ((tab, "first"), (other, "second")):
            expect(one.answers).to_have_count(1)
            expect(one.answers).to_contain_text(f'what I found about "Question of the {name} tab"')
    chats_ended()
    first, second = (platform.row_of(f"Question of the {name} tab") for name in ("first", "second"))
    assert first["chat_session_id"] != second["chat_session_id"]


def test_closing_the_tab_saves_the_answer(
    context: BrowserContext, tab: Tab, platform: Platform, visitor: Visitor, directed: Directed
) -> None:
    with contextlib.closing(context.new_page()) as page:
        closed = Tab(page, platform).open_as(visitor)
        closed.ask("And if I leave?")
        directed.say(event("progress", progress=30))
        expect(closed.progress).to_have_attribute("value", "30")
    directed.end(result("It is kept"), COMPLETE)
    chats_ended()
    tab.page.reload()
    tab.page.get_by_role("link", name="And if I leave?").click()
    expect(tab.answers).to_contain_text("It is kept")


def test_stop_ends_the_work_and_keeps_nothing(tab: Tab, platform: Platform, directed: Directed) -> None:
    tab.ask("Never mind?")
    directed.say(event("progress", progress=30))
    expect(tab.progress).to_have_attribute("value", "30")
    tab.page.get_by_role("button", name="Stop").click()
    expect(tab.problem).to_contain_text("You ended this question before its answer.")
    assert directed.left.wait(20)
    assert "Never mind?" not in [
        row["query_str"] for row in platform.select("SELECT * FROM analytics_chatmessages")
    ]


def test_signing_out_leads_to_the_form(page: Page, platform: Platform) -> None:
    tab = Tab(page, platform).sign_in()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert tab.complaints == []


def test_a_question_that_is_too_long_is_said(tab: Tab) -> None:
    with asking("http://127.0.0.1:1/", DATA_UPLOAD_MAX_MEMORY_SIZE=1000):
        tab.ask("x" * 2000)
        expect(tab.problem).to_contain_text("The question is too long")
    expect(tab.problem).to_contain_text("Shorten it, or ask it in a new chat.")


# When things break, a case for each family of faults.


def test_a_stall_shows_that_it_waits(tab: Tab) -> None:
    tab.page.clock.install()
    with broken("stream", "stall after-events=3"):
        tab.ask(STREAMED)
        expect(tab.progress).to_have_attribute("value", "50")
        tab.page.clock.fast_forward(12_000)
        expect(
            tab.page.get_by_text("Still waiting: nothing new from the chatbot for 12 seconds.")
        ).to_be_visible()
        tab.page.keyboard.press("Escape")
        expect(tab.problem).to_contain_text("Stopped")


def test_a_lost_session_says_what_happened_and_offers_to_ask_again(tab: Tab) -> None:
    with broken("job", "forget-job from-poll=2"):
        tab.ask(POLLED)
        expect(tab.problem).to_contain_text("The chatbot lost your session")
        tab.assert_accessible()
    tab.page.get_by_text("Details").click()
    expect(tab.problem).to_contain_text("Job polling error: 404 Client Error")
    with broken("job"):
        tab.page.get_by_role("button", name="Ask again").click()
        expect(tab.answers).to_have_count(1)
    expect(tab.problem).to_have_count(0)


def test_a_malformed_event_does_not_end_the_chat(tab: Tab) -> None:
    with broken("stream", "corrupt-event how=json type=progress nth=2"):
        tab.ask(STREAMED)
        expect(tab.answers).to_contain_text("Based on my analysis")
    assert "An event of the type progress has no JSON object; it is left out" in tab.console


def test_a_reset_says_that_the_connection_broke(tab: Tab) -> None:
    with broken("stream", "reset after-events=3"):
        tab.ask(STREAMED)
        expect(tab.problem).to_contain_text("The connection to the chatbot broke")


def test_a_job_that_fails_says_why(tab: Tab) -> None:
    with broken("job", 'fail-job at-poll=2 message="No documents today"'):
        tab.ask(POLLED)
        expect(tab.problem).to_contain_text("The chatbot could not answer")
        tab.page.get_by_text("Details").click()
        expect(tab.problem).to_contain_text("No documents today")


def test_a_busy_chatbot_is_asked_again_when_it_says(tab: Tab) -> None:
    tab.page.clock.install()
    with broken("stream", "status code=503 retry-after=7s first=1"):
        tab.ask(STREAMED)
        expect(tab.problem).to_contain_text("The chatbot is busy")
        again = tab.problem.get_by_role("button")
        expect(again).to_have_text("Ask again in 7 s")
        expect(again).to_be_disabled()
        tab.page.clock.run_for(7000)
        expect(again).to_have_text("Ask again")
        again.click()
        expect(tab.answers).to_have_count(1)


def test_an_answer_that_never_comes_is_said(tab: Tab) -> None:
    with broken("stream", "drop-event type=result"):
        tab.ask(STREAMED)
        expect(tab.problem).to_contain_text("The chatbot sent no answer")


HOSTILE = '<img src=x onerror="document.title=1"><script>document.title=1</script>'


def test_what_a_source_or_an_answer_holds_runs_nowhere(tab: Tab) -> None:
    faults = [
        f"edit-event type=result pointer=/sources/0/title set='{HOSTILE}'",
        "edit-event type=result pointer=/sources/0/url set='javascript:document.title=1'",
        f"edit-event type=result pointer=/response set='{HOSTILE} [x](javascript:document.title=1)'",
    ]
    title = tab.page.title()
    with broken("stream", *faults):
        tab.ask(STREAMED)
        expect(tab.answers.get_by_role("listitem").first).to_contain_text(HOSTILE)
    expect(tab.answers.locator(".response p")).to_contain_text("<script>")
    assert tab.answers.locator("script, img, a[href^=javascript]").count() == 0
    assert tab.page.title() == title


def test_who_was_signed_out_meanwhile_is_sent_to_the_form(
    tab: Tab, context: BrowserContext, directed: Directed
) -> None:
    context.clear_cookies(name="sessionid")
    tab.ask("Am I there?")
    expect(tab.problem).to_contain_text("You are signed out")
    tab.page.get_by_role("link", name="Sign in").click()
    expect(tab.page.get_by_role("heading", name="Sign in")).to_be_visible()
    tab.assert_accessible()


def test_a_platform_that_cannot_be_reached_is_said(tab: Tab) -> None:
    tab.page.route("**/chat/stream", lambda route: route.abort())
    tab.ask("Anybody?")
    expect(tab.problem).to_contain_text("The platform cannot be reached")
