"""Tells responses that answer a request from those that only say why not."""

from __future__ import annotations

import requests


def check_status(response: requests.Response) -> None:
    """Raise HTTPError for an error, and for a redirect that could not be followed because it names no target."""
    response.raise_for_status()
    if 300 <= response.status_code < 400:
        raise requests.HTTPError(
            f"{response.status_code} Redirect without a target for url: {response.url}", response=response
        )
