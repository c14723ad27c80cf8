from __future__ import annotations

import contextlib

import pytest

from cassettes.model import Request
from foundation.clock import SYSTEM
from replayer.http1.encoder import USUAL
from replayer.http1.incoming import Incoming
from replayer.matching.index import MatchIndex
from replayer.rendering.renderer import Renderer
from replayer.schedule.pace import Pace
from replayer.selection.client_sessions import ClientSessions
from replayer.selection.recordings import Recordings

BODY = bytes(1000)


@pytest.fixture
def render(write_cassette, make_exchange):
    """Starts renderers of three exchanges without tokens that keep so many bytes: `renderer(number)` is a script."""
    with contextlib.ExitStack() as stack:

        def start(kept):
            exchanges = [
                make_exchange([(700, BODY)], url=f"http://bot.example/{number}") for number in range(3)
            ]
            recordings = stack.enter_context(Recordings.open([write_cassette(*exchanges)], MatchIndex().add))
            sessions = ClientSessions()
            renderer = Renderer(recordings, sessions, Pace(), SYSTEM, kept)
            session = sessions.open(0)
            request = Request(exchange=-1, at=0, method="GET", url="/", http="1.1", headers=())
            incoming = Incoming(request, USUAL, keep_alive=True)
            return renderer, lambda number: renderer.script(number, session, incoming)

        yield start


def again(script, number):
    """What is kept of a script that was wanted twice."""
    assert script(number) == script(number)
    return script(number)


def test_a_script_that_is_wanted_again_is_kept(render):
    _, script = render(kept=1 << 20)
    kept = again(script, 0)
    assert script(0) is kept
    assert BODY in b"".join(frame.data for frame in kept.frames)


def test_what_was_not_used_for_longest_makes_room(render):
    _, script = render(kept=3000)  # there is room for two
    first, second = again(script, 0), again(script, 1)
    assert script(0) is first
    again(script, 2)
    assert script(0) is first
    assert script(1) is not second


def test_a_script_that_is_larger_than_all_room_is_rendered_each_time(render):
    _, script = render(kept=500)
    assert script(0).frames == script(0).frames
    assert script(0) is not script(0)


def test_a_new_pace_holds_for_what_is_rendered_from_then_on(render):
    renderer, script = render(kept=1 << 20)
    assert again(script, 0).frames[-1].at == 700
    renderer.pace = Pace(speed=2)
    assert script(0).frames[-1].at == 350
