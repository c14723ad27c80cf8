from __future__ import annotations

from cassettes import model


def test_the_ways_to_end_are_those_of_the_format() -> None:
    assert model.HOWS == ("complete", "client-closed", "server-closed", "reset", "error", "unfinished")
