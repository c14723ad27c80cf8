"""Scripts with gaps for a client's own tokens."""

from __future__ import annotations

import pytest

from cassettes.tokens.finder import TokenFinder
from replayer.http1.encoder import Frame, Script
from replayer.rendering.template import Template

TOKENS = {"job-77f3": "job-a0c9", "a+b/c1": "x+y/z2"}


def script(*frames: bytes) -> Script:
    return Script(tuple(Frame(at, data) for at, data in enumerate(frames)), 9, "close", 200)


@pytest.mark.parametrize(
    ("frames", "filled"),
    [
        ([], []),
        ([b"", b"nothing"], [b"", b"nothing"]),
        ([b"job-77f3"], [b"job-a0c9"]),
        ([b'{"id": "job-77f3", "again": "job-77f3"}'], [b'{"id": "job-a0c9", "again": "job-a0c9"}']),
        ([b"a", b"/jobs/job-77f3?c=a%2Bb%2Fc1", b"b"], [b"a", b"/jobs/job-a0c9?c=x%2By%2Fz2", b"b"]),
        ([rb'"a+b\/c1"', b"xjob-77f3 job-77f34"], [rb'"x+y\/z2"', b"xjob-77f3 job-77f34"]),
    ],
)
def test_its_gaps_are_filled(frames: list[bytes], filled: list[bytes]) -> None:
    template = Template(script(*frames), TokenFinder(TOKENS))
    assert template.fill(TOKENS.__getitem__) == script(*filled)
    assert template.fill(lambda token: token) == script(*frames)
    assert template.size >= script(*frames).size


def test_it_asks_for_each_token_in_the_order_of_its_gaps() -> None:
    asked: list[str] = []

    def own(recorded: str) -> str:
        asked.append(recorded)
        return TOKENS[recorded]

    template = Template(script(b"a+b/c1 job-77f3", b"a+b/c1"), TokenFinder(TOKENS))
    template.fill(own)
    assert asked == [gap.recorded for gap in template.gaps] == ["a+b/c1", "job-77f3", "a+b/c1"]
