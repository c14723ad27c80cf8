"""What the fixture raises in a test."""

from __future__ import annotations


class ChatreelError(Exception):
    """Something that Chatreel refuses, with a one-line message: an option, a cassette, an upstream."""


class TestServerError(Exception):
    """The test server failed by a defect of its own, with its traceback as the message, or it ended."""

    __test__ = False
