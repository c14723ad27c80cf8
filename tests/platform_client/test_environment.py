from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.errors import UsageError
from platform_client.environment import chatbot_url, poll_interval, with_stream

URL = "http://127.0.0.1:5000/api/v1"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (URL, f"{URL}/stream"),
        (f"{URL}/", f"{URL}/stream"),
        ("http://127.0.0.1:5000", "http://127.0.0.1:5000/stream"),
        (f"{URL}?mode=job", f"{URL}/stream?mode=job"),
        (f"{URL}/stream", f"{URL}/stream"),
        (f"{URL}/stream?mode=job", f"{URL}/stream?mode=job"),
        (f"{URL}/stream/error", f"{URL}/stream/error"),
        (f"{URL}/stream/timeout?x=1", f"{URL}/stream/timeout?x=1"),
        (f"{URL}/streams", f"{URL}/streams/stream"),
        ("http://stream/api", "http://stream/api/stream"),
    ],
)
def test_stream_is_added_where_the_path_lacks_it(url: str, expected: str) -> None:
    assert chatbot_url({"CHATBOT_DEEP_URL": url}) == expected


@given(
    st.lists(st.sampled_from(["", "api", "v1", "stream", "error"])), st.sampled_from(["", "?mode=job", "?"])
)
def test_adding_stream_twice_changes_nothing(segments: list[str], query: str) -> None:
    once = with_stream("/".join(["http://a", *segments]) + query)
    assert with_stream(once) == once


def test_the_streams_own_variable_comes_first_and_stays_as_it_is() -> None:
    environ = {"CHATBOT_DEEP_STREAM_URL": "http://a/b?c", "CHATBOT_DEEP_URL": URL}
    assert chatbot_url(environ) == "http://a/b?c"


def test_no_variable_is_no_url() -> None:
    assert chatbot_url({}) is None


def test_a_base_that_is_no_url_is_refused() -> None:
    with pytest.raises(UsageError, match="CHATBOT_DEEP_URL"):
        chatbot_url({"CHATBOT_DEEP_URL": "http://[::1"})


@pytest.mark.parametrize(("environ", "seconds"), [({}, 2.0), ({"CHATBOT_POLL_INTERVAL": "0.5"}, 0.5)])
def test_the_poll_interval(environ: dict[str, str], seconds: float) -> None:
    assert poll_interval(environ) == seconds


@pytest.mark.parametrize("text", ["two", "0", "-1", "nan"])
def test_a_poll_interval_that_cannot_be_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=f"CHATBOT_POLL_INTERVAL: '{text}'"):
        poll_interval({"CHATBOT_POLL_INTERVAL": text})
