"""What the page does, as opposed to what it shows: only the page itself may ask for it."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import urlsplit

from inspector.handlers.views import BodyHandler


class ActionHandler(BodyHandler):
    """A path that changes something or sends something.

    A browser says with each such request which page it comes from (`Origin`, RFC 6454). It must be this server's own:
    one that says nothing is refused, too.
    """

    def prepare(self) -> None:
        """Refuse what does not come from the page."""
        super().prepare()
        origin = urlsplit(self.request.headers.get("Origin", "")).netloc
        if not origin or origin != self.request.headers.get("Host", "").lower():
            self.refuse(HTTPStatus.FORBIDDEN, "only the page itself may ask for this")
