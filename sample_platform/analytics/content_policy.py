"""The Content-Security-Policy of the platform's own pages (W3C CSP Level 3)."""

from __future__ import annotations

import functools
from collections.abc import Callable

from django.http import HttpResponseBase

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
"""A page gets everything from here, and whatever an answer holds runs nowhere."""


def with_policy[**Parameters, Response: HttpResponseBase](
    view: Callable[Parameters, Response],
) -> Callable[Parameters, Response]:
    """Decorates a view: its responses have the policy."""

    @functools.wraps(view)
    def guarded(*arguments: Parameters.args, **options: Parameters.kwargs) -> Response:
        response = view(*arguments, **options)
        response["Content-Security-Policy"] = POLICY
        return response

    return guarded
