"""Whose a request to a live upstream is, where no recording tells."""

from __future__ import annotations

import pytest

from cassettes.model import Request
from replayer.forwarding.client_identity import MOST_KNOWN, Clients


def request(cookie="", url="/jobs/a", method="GET"):
    headers = (("Cookie", cookie),) if cookie else ()
    return Request(exchange=0, at=0, method=method, url=url, http="1.1", headers=headers)


@pytest.mark.parametrize(
    ("second", "number"),
    [
        (request("sid=one"), 0),
        (request("other=x; sid=one", "/elsewhere"), 0),
        (request("renamed=one", method="POST"), 0),
        (request("sid=two", "/elsewhere"), 1),
        (request("", "/elsewhere"), 1),
        (request("", "/jobs/a"), 0),
        (request("sid=two", "/jobs/a"), 0),
        (request("", "/jobs/a", "POST"), 1),
    ],
)
def test_a_client_is_known_by_its_cookies_or_by_what_it_asks_for_again(second, number):
    clients = Clients()
    first = clients.number(request())
    clients.learn_cookies(first, (("Set-Cookie", "sid=one; Path=/"), ("Set-Cookie", "gone=; Max-Age=0")))
    assert (first, clients.number(second)) == (0, number)


def test_an_empty_cookie_is_nobodys():
    clients = Clients()
    clients.learn_cookies(clients.number(request()), (("Set-Cookie", "sid="),))
    assert clients.number(request("sid=", "/elsewhere")) == 1


def test_clients_that_were_not_seen_for_longest_are_forgotten():
    clients = Clients()
    for number in range(MOST_KNOWN):
        assert clients.number(request(url=f"/jobs/{number}")) == number
    assert clients.number(request(url="/jobs/0")) == 0
    assert clients.number(request(url="/jobs/new")) == MOST_KNOWN
    assert clients.number(request(url="/jobs/0")) == 0
    assert clients.number(request(url="/jobs/1")) == MOST_KNOWN + 1
