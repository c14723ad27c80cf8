"""Keeps which cookies the requests of a cassette sent, in little memory: each poll asks for those of its answers."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from functools import lru_cache
from typing import Self

import msgspec

from cassettes.file.saved_index import SavedIndex, packed, unpacked
from foundation.code_version import code_version
from foundation.digests import Digest, digest
from foundation.http.cookies import cookies_sent
from foundation.http.headers import Headers


class SavedCookies(msgspec.Struct, frozen=True, array_like=True):
    """Cookies for a saved index, as arrays."""

    arrays: list[bytes]


def cookies_section() -> str:
    """The name of the section with SavedCookies."""
    return f"cookies, by {code_version('foundation', 'replayer.selection')}"


class SentCookies:
    """The digests of the cookies' values of each request; requests are added in their order."""

    def __init__(self) -> None:
        self._ends = array("Q")  # for each request, where its digests end in `_digests`
        self._digests = array("Q")

    @classmethod
    def restored(cls, saved: SavedIndex) -> Self | None:
        """The cookies in a saved index; None when it does not have them."""
        found = saved.section(cookies_section(), SavedCookies)
        if found is None:
            return None
        cookies = cls()
        cookies._ends, cookies._digests = unpacked("QQ", found.arrays)
        return cookies

    def save(self) -> dict[str, SavedCookies]:
        """The section of a saved index with these cookies, by its name."""
        return {cookies_section(): SavedCookies(packed([self._ends, self._digests]))}

    def __len__(self) -> int:
        return len(self._ends)

    def add(self, headers: Headers) -> None:
        """Add the next request."""
        self._digests.extend(cookie_digests(headers))
        self._ends.append(len(self._digests))

    def of(self, number: int) -> Sequence[int]:
        """The digests of the cookies that one request sent."""
        return self._digests[self._ends[number - 1] if number else 0 : self._ends[number]]


@lru_cache(maxsize=256)
def cookie_digests(headers: Headers) -> tuple[Digest, ...]:
    """The digests of the values of a request's cookies; cached, because a client mostly sends the same ones again."""
    return tuple(digest(cookie.value) for cookie in cookies_sent(headers))
