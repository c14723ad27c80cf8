"""The error for a response that even a lenient client cannot read."""

from __future__ import annotations


class MalformedResponse(Exception):
    """The bytes are no response of HTTP/1; the message says why, for a person, and quotes none of them.

    It is written and shown, and what an upstream sends can hold credentials that it was given.
    """
