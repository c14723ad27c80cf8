from __future__ import annotations

from replayer.http1.encoder import FRAME_OVERHEAD, Frame, Script
from replayer.rendering.script_cache import ScriptCache


def of_size(size):
    return Script((Frame(0, bytes(size - FRAME_OVERHEAD)),), 0, "keep")


def test_a_script_is_kept():
    cache = ScriptCache(1000)
    assert cache.find("a") is None
    made = of_size(500)
    cache.keep("a", made)
    assert cache.find("a") is made


def test_what_was_not_used_for_longest_makes_room():
    cache = ScriptCache(1000)
    for key in "ab":
        cache.keep(key, of_size(500))
    assert cache.find("a")
    cache.keep("c", of_size(500))
    assert cache.find("a")
    assert cache.find("b") is None
    assert cache.size <= 1000


def test_a_script_that_fills_the_cache_is_not_kept_and_displaces_nothing():
    cache = ScriptCache(1000)
    cache.keep("a", of_size(500))
    cache.keep("large", of_size(1001))
    assert cache.find("large") is None
    assert cache.find("a")
    assert cache.size == 500


def test_the_size_is_that_of_what_is_kept():
    cache = ScriptCache(10_000)
    for n in range(200):
        cache.keep(n, of_size(200 + n * 7))
        assert cache.size == sum(size for _, size in cache._scripts.values()) <= 10_000
