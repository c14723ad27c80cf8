from __future__ import annotations

import re

import pytest

from foundation.errors import UsageError
from recorder.mitmproxy.traffic_filter import TrafficFilter


@pytest.mark.parametrize(
    ("pattern", "url", "wanted"),
    [
        ("chat.example.org", "http://chat.example.org/any?x=1", True),
        ("chat.example.org", "https://chat.example.org:8443/any", True),
        ("CHAT.example.org", "http://chat.example.org/", True),
        ("chat.example.org", "http://www.chat.example.org/", False),
        ("chat.example.org", "http://chat.example.organic/", False),
        ("chat.example.org", "http://chatXexample.org/", False),
        ("*.example.org", "http://chat.example.org/", True),
        ("*", "http://anything/", True),
        ("chat.example.org:8443", "https://chat.example.org:8443/", True),
        ("chat.example.org:8443", "https://chat.example.org/", False),
        ("chat.example.org:443", "https://chat.example.org/", True),
        ("chat.example.org:80", "https://chat.example.org/", False),
        ("http://chat.example.org/api", "http://chat.example.org/api", True),
        ("chat.example.org/api", "http://chat.example.org/api/v1/stream?mode=job", True),
        ("chat.example.org/api", "http://chat.example.org/apiary", False),
        ("chat.example.org/api", "http://chat.example.org/", False),
        ("chat.example.org/api/", "http://chat.example.org/api", True),
        ("chat.example.org/", "http://chat.example.org/x", True),
        ("*/jobs/*", "http://chat.example.org/api/jobs/1", False),
        ("**/api/*/stream", "http://chat.example.org/api/v1/stream", True),
        ("[::1]:5000/x", "http://[::1]:5000/x", True),
        ("[::1]", "http://[::1]:5000/x", True),
    ],
)
def test_what_a_pattern_covers(pattern, url, wanted):
    assert TrafficFilter([pattern]).wants(url) is wanted


def test_without_patterns_everything_is_wanted():
    assert TrafficFilter().wants("http://anything/at/all")
    assert TrafficFilter().hosts == []


def test_several_patterns_add_up():
    selection = TrafficFilter(["a.example/x", "b.example"])
    assert selection.wants("http://b.example/y")
    assert selection.wants("http://a.example/x")
    assert not selection.wants("http://a.example/y")


@pytest.mark.parametrize(
    ("address", "intercepted"),
    [
        ("chat.example.org:443", True),
        ("chat.example.org", True),
        ("xchat.example.org:443", False),
        ("chat.example.org.evil.example:443", False),
        ("a.test:8443", True),
        ("a.test:443", False),
    ],
)
def test_only_hosts_that_can_hold_something_wanted_are_intercepted(address, intercepted):
    hosts = TrafficFilter(["chat.example.org/api", "*.test:8443"]).hosts
    assert any(re.search(host, address) for host in hosts) is intercepted


@pytest.mark.parametrize("pattern", ["", "/api", "http:///api"])
def test_a_pattern_without_a_host_is_refused(pattern):
    with pytest.raises(UsageError, match=r"write HOST\[/PATH\]"):
        TrafficFilter([pattern])
