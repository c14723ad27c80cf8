"""Checks the limits that every fault has (`path=`, `session=`, `nth=`, `probability=`, ...)."""

from __future__ import annotations

from fnmatch import fnmatchcase
from random import Random

from cassettes.model import Request
from foundation.http.urls import path_and_query
from replayer.exchange_number import ExchangeId
from replayer.faults.fault import Fault


def within_request_limits(
    fault: Fault, request: Request, session: int | None, exchange: ExchangeId | None, now: int
) -> bool:
    """Return whether a request is within the limits that do not count; the arguments are those of FaultContext."""
    path, query = path_and_query(request.url)
    begins = fault.after or 0
    return (
        fault.method in {None, request.method}
        and (fault.path is None or fnmatchcase(path, fault.path))
        and (fault.query is None or fnmatchcase(query, fault.query))
        and fault.exchange in {None, exchange}
        and fault.session in {None, session}
        and begins <= now
        and (fault.for_ is None or now < begins + fault.for_)
    )


def within_counting_limits(fault: Fault, number: int, hits: int, random: Random) -> bool:
    """Return whether the limits that count let one of many requests, or events, through.

    It is the `number`-th, from 1, that is within the fault's other limits, and `hits` before it were let through.
    With `every=2 times=2`, number 2 and 4 are hit: at number 6 there were two hits already.
    """
    return (
        fault.nth in {None, number}
        and (fault.first is None or number <= fault.first)
        and (fault.every is None or number % fault.every == 0)
        and (fault.times is None or hits < fault.times)
        and (fault.probability is None or random.random() < fault.probability)
    )
