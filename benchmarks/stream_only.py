"""The peer of recording: mitmproxy forwards each chunk at once and keeps nothing.

mitmdump -s benchmarks/stream_only.py
"""

from mitmproxy import http


def responseheaders(flow: http.HTTPFlow) -> None:
    """A response begins."""
    assert flow.response is not None
    flow.response.stream = True
