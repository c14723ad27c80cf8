from __future__ import annotations

import pytest

from foundation.http.urls import path_and_query, target


@pytest.mark.parametrize(
    ("url", "path", "query"),
    [
        ("http://h/a/b?x=1&x=2", "/a/b", "x=1&x=2"),
        ("https://user@h:8443/a?u=http://other/b", "/a", "u=http://other/b"),
        ("http://[::1]:5000/a?", "/a", ""),
        ("http://[broken/a", "/a", ""),
        ("http://h?x", "/", "x"),
        ("http://h", "/", ""),
        ("/a?u=http://other/b?c", "/a", "u=http://other/b?c"),
        ("//a//b/../%61", "//a//b/../%61", ""),
        ("/a\tb?\xe4", "/a\tb", "\xe4"),
        ("", "/", ""),
    ],
)
def test_a_url_is_split_as_it_is_written(url, path, query):
    assert path_and_query(url) == (path, query)
    assert target(url) == (f"{path}?{query}" if query else path)
