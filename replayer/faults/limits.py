"""The limits of a fault: whether it hits this one."""

from __future__ import annotations

from fnmatch import fnmatchcase
from random import Random

from replayer.faults.fault import Fault
from replayer.faults.scene import Scene
from replayer.matching import path_and_query


def concerns(fault: Fault, scene: Scene) -> bool:
    """Whether a fault's limits, but for those that count, let an answer through."""
    path, query = path_and_query(scene.request.url)
    begins = fault.after or 0
    return (
        fault.method in {None, scene.request.method}
        and (fault.path is None or fnmatchcase(path, fault.path))
        and (fault.query is None or fnmatchcase(query, fault.query))
        and fault.exchange in {None, scene.exchange}
        and fault.session in {None, scene.session}
        and begins <= scene.now
        and (fault.for_ is None or scene.now < begins + fault.for_)
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
