"""A browser's tab with the assistant in it, and what it says in its console."""

from __future__ import annotations

import json
import re
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Locator, Page, expect

from tests.sample_platform.running import Platform, Visitor

# A machine that does other things meanwhile is slow; who waits for a condition need not know.
expect.set_options(timeout=20_000)

STATE = re.compile(r"Streaming store (\w+).*?: (\{.*\})")


class Tab:
    """The assistant in a tab, as its user sees it."""

    def __init__(self, page: Page, platform: Platform) -> None:
        self.page = page
        self.platform = platform
        self.console: list[str] = []
        self.complaints: list[str] = []
        self.refusals: list[str] = []
        page.set_default_timeout(20_000)
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _hear(self, said: ConsoleMessage) -> None:
        self.console.append(said.text)
        if said.type in {"error", "warning"}:
            # The browser also tells of each request that the platform refuses.
            refused = "/analytics/chat/" in said.location["url"]
            (self.refusals if refused else self.complaints).append(said.text)

    def open_as(self, visitor: Visitor) -> Tab:
        """Open the assistant as somebody who has signed in already."""
        cookies = [
            {"name": cookie.name, "value": cookie.value or "", "url": self.platform.url}
            for cookie in visitor.http.cookies
        ]
        self.page.context.add_cookies(cookies)  # type: ignore[arg-type]  # a TypedDict
        self.page.goto(f"{self.platform.url}/analytics/assistant")
        return self

    def sign_in(self) -> Tab:
        """Go to the assistant, and fill in the form that comes first."""
        self.page.goto(f"{self.platform.url}/analytics/assistant")
        self.page.get_by_label("Name").fill(self.platform.user)
        self.page.get_by_label("Password").fill(self.platform.password)
        self.page.get_by_role("button", name="Sign in").click()
        expect(self.heading).to_be_visible()
        return self

    @property
    def heading(self) -> Locator:
        return self.page.get_by_role("heading", name="Research assistant")

    @property
    def answers(self) -> Locator:
        return self.page.get_by_role("article", name="Question and answer")

    @property
    def progress(self) -> Locator:
        return self.page.get_by_role("progressbar", name="Progress of the answer")

    @property
    def problem(self) -> Locator:
        return self.page.get_by_role("alert")

    def type(self, query: str) -> None:
        """Write a question, and do not send it."""
        self.page.get_by_label("Your question").fill(query)

    def ask(self, query: str) -> None:
        """Ask by mouse."""
        self.type(query)
        self.page.get_by_role("button", name="Ask", exact=True).click()

    def states(self) -> list[Any]:
        """The states of the page's store so far, as its console tells them."""
        return [json.loads(found[2]) for line in self.console if (found := STATE.fullmatch(line))]

    def assert_accessible(self) -> None:
        """Hold what is there now to axe's rules, in a narrow and in a wide window, in light and in dark."""
        size = self.page.viewport_size
        assert size is not None
        for width, height in ((360, 640), (1920, 1080)):
            self.page.set_viewport_size({"width": width, "height": height})
            assert self.page.evaluate("document.documentElement.scrollWidth") == width
            for scheme in ("light", "dark"):
                self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
                found: Any = Axe().run(self.page, options={"resultTypes": ["violations"]})
                assert found.violations_count == 0, f"{width} px, {scheme}: {found.generate_report()}"
        self.page.set_viewport_size(size)
