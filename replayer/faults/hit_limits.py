"""The limits of a fault: whether it hits this one."""

from __future__ import annotations

from fnmatch import fnmatchcase
from random import Random

from cassettes.model import Request
from foundation.http.urls import path_and_query
from replayer.exchange_number import ExchangeId
from replayer.faults.fault import Fault


def concerns(
    fault: Fault, request: Request, session: int | None, exchange: ExchangeId | None, now: int
) -> bool:
    """Whether a fault's limits, but for those that count, let an answer through. See `Scene`."""
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


def chosen(fault: Fault, number: int, hits: int, random: Random) -> bool:
    """Whether the limits that count let the `number`-th through, after so many hits."""
    return (
        fault.nth in {None, number}
        and (fault.first is None or number <= fault.first)
        and (fault.every is None or number % fault.every == 0)
        and (fault.times is None or hits < fault.times)
        and (fault.probability is None or random.random() < fault.probability)
    )
