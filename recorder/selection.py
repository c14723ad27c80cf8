"""What of the traffic is recorded: HOST[/PATH] patterns in which * stands for anything."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Sequence
from urllib.parse import urlsplit


class Selection:
    """Chooses urls; without patterns it takes all. A PATH takes what lies below it too."""

    def __init__(self, patterns: Sequence[str] = ()) -> None:
        self._patterns = [pattern.removeprefix("http://").removeprefix("https://") for pattern in patterns]

    @property
    def hosts(self) -> list[str]:
        """Regular expressions for the hosts that can hold something wanted, empty for all.

        TLS to any other host need not be intercepted.
        """
        names = {pattern.partition("/")[0] for pattern in self._patterns}
        return sorted(f"^{fnmatch.translate(name.lower()).removesuffix(r'\\Z')}(:[0-9]+)?$" for name in names)

    def wants(self, url: str) -> bool:
        """Whether a url is recorded."""
        return not self._patterns or any(covers(pattern, url) for pattern in self._patterns)


def covers(pattern: str, url: str) -> bool:
    """Whether HOST[:PORT][/PATH] covers an absolute url."""
    parts = urlsplit(url)
    host, slash, path = pattern.partition("/")
    names = {parts.hostname or "", parts.netloc.rpartition("@")[2].lower()}
    if not any(fnmatch.fnmatchcase(name, host.lower()) for name in names):
        return False
    wanted = re.compile(
        fnmatch.translate(f"{slash}{path.rstrip('/')}").removesuffix(r"\Z") + r"(/.*)?\Z", re.DOTALL
    )
    return not path or wanted.match(parts.path) is not None
