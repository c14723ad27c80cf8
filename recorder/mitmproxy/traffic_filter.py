"""Chooses the urls that are recorded, by HOST[/PATH] patterns in which * matches any characters."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from foundation.errors import UsageError
from recorder.url_rewriting import DEFAULT_PORTS


class TrafficFilter:
    """Chooses urls by patterns; without any, all are chosen. A PATH covers the paths below it, too.

    Raises UsageError for a pattern without a host.
    """

    def __init__(self, patterns: Sequence[str] = ()) -> None:
        self._patterns = [pattern.removeprefix("http://").removeprefix("https://") for pattern in patterns]
        for pattern in self._patterns:
            if not pattern.partition("/")[0]:
                raise UsageError(f"--only {pattern}: write HOST[/PATH], for example *{pattern or '/api'}")

    @property
    def hosts(self) -> list[str]:
        """Return regular expressions for the `host:port` that a recorded url can have; empty for any.

        TLS to other hosts need not be intercepted.
        """
        names = {pattern.partition("/")[0] for pattern in self._patterns}
        return sorted(f"^{glob(name)}(:[0-9]+)?$" for name in names)

    def wants(self, url: str) -> bool:
        """Return whether a url is recorded."""
        return not self._patterns or any(covers(pattern, url) for pattern in self._patterns)


def covers(pattern: str, url: str) -> bool:
    """Return whether the pattern HOST[:PORT][/PATH] covers an absolute url."""
    parts = urlsplit(url)
    host, slash, path = pattern.partition("/")
    name = parts.netloc.removesuffix(f":{parts.port}")
    names = (name, f"{name}:{parts.port or DEFAULT_PORTS.get(parts.scheme)}")
    if not any(re.fullmatch(glob(host), name, re.IGNORECASE) for name in names):
        return False
    below = glob(slash + path.rstrip("/")) + "(/.*)?"
    return not path or re.fullmatch(below, parts.path, re.DOTALL) is not None


def glob(pattern: str) -> str:
    """Return the regular expression of a pattern in which * matches any characters."""
    return ".*".join(map(re.escape, pattern.split("*")))
