"""What of the traffic is recorded: HOST[/PATH] patterns in which * stands for anything."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from foundation.errors import UsageError
from recorder.url_rewriting import DEFAULT_PORTS


class TrafficFilter:
    """Chooses urls; without patterns it takes all. A PATH takes what lies below it too.

    Raises UsageError for a pattern without a host.
    """

    def __init__(self, patterns: Sequence[str] = ()) -> None:
        self._patterns = [pattern.removeprefix("http://").removeprefix("https://") for pattern in patterns]
        for pattern in self._patterns:
            if not pattern.partition("/")[0]:
                raise UsageError(f"--only {pattern}: write HOST[/PATH], for example *{pattern or '/api'}")

    @property
    def hosts(self) -> list[str]:
        """Regular expressions for the hosts, with their ports, that can hold something wanted; empty for all.

        TLS to any other host need not be intercepted.
        """
        names = {pattern.partition("/")[0] for pattern in self._patterns}
        return sorted(f"^{glob(name)}(:[0-9]+)?$" for name in names)

    def wants(self, url: str) -> bool:
        """Whether a url is recorded."""
        return not self._patterns or any(covers(pattern, url) for pattern in self._patterns)


def covers(pattern: str, url: str) -> bool:
    """Whether HOST[:PORT][/PATH] covers an absolute url."""
    parts = urlsplit(url)
    host, slash, path = pattern.partition("/")
    name = parts.netloc.removesuffix(f":{parts.port}")
    names = (name, f"{name}:{parts.port or DEFAULT_PORTS.get(parts.scheme)}")
    if not any(re.fullmatch(glob(host), name, re.IGNORECASE) for name in names):
        return False
    below = glob(slash + path.rstrip("/")) + "(/.*)?"
    return not path or re.fullmatch(below, parts.path, re.DOTALL) is not None


def glob(pattern: str) -> str:
    """The regular expression of a pattern in which * stands for anything."""
    return ".*".join(map(re.escape, pattern.split("*")))
