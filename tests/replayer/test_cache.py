from __future__ import annotations

import pytest

from replayer.cache import ScriptCache
from replayer.framing import FRAME_OVERHEAD, Frame, Script


def of_size(size):
    return Script((Frame(0, bytes(size - FRAME_OVERHEAD)),), 0, "keep")


def never():
    pytest.fail("made again")


def test_a_script_is_made_once():
    cache = ScriptCache(1000)
    first = cache.get("a", lambda: of_size(500))
    assert cache.get("a", never) is first


def test_what_was_not_used_for_longest_makes_room():
    cache = ScriptCache(1000)
    for key in "ab":
        cache.get(key, lambda: of_size(500))
    cache.get("a", never)
    cache.get("c", lambda: of_size(500))
    cache.get("a", never)
    made = []
    cache.get("b", lambda: made.append(1) or of_size(500))
    assert made
    assert cache.size <= 1000


def test_a_script_that_fills_the_cache_is_not_kept_and_displaces_nothing():
    cache = ScriptCache(1000)
    cache.get("a", lambda: of_size(500))
    large = of_size(1001)
    assert cache.get("large", lambda: large) is large
    assert cache.get("large", lambda: of_size(2000)).size == 2000
    cache.get("a", never)
    assert cache.size == 500


def test_the_size_is_that_of_what_is_kept():
    cache = ScriptCache(10_000)
    for n in range(200):
        cache.get(n, lambda n=n: of_size(200 + n * 7))
        assert cache.size == sum(size for _, size in cache._scripts.values()) <= 10_000
