"""The peer of recording: mitmproxy forwards each chunk at once and keeps nothing.

mitmdump -s benchmarks/stream_only.py
"""

from mitmproxy import http


def responseheaders(flow: http.HTTPFlow) -> None:
    """Forward each chunk of the response as it comes."""
    assert flow.response is not None
    flow.response.stream = True
