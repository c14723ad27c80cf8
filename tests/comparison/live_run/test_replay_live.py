"""A replay server is a live chatbot too: it has tokens of its own."""

from __future__ import annotations

import asyncio
import json

from cassettes.samples import resolve
from replayer.schedule.pace import Pace
from replayer.server import ReplaySettings, replay_server


def test_a_replay_is_a_live_chatbot_too(run):
    async def main():
        settings = ReplaySettings(listen=("127.0.0.1", 0), admin=None, pace=Pace(speed=float("inf")))
        async with replay_server([resolve("job")], settings, print) as replay:
            return await run(resolve("job"), "http://{}:{}".format(*replay.address))

    live = asyncio.run(main())
    assert [exchange.response.status for exchange in live.exchanges] == [202, 200, 200, 200, 200]
    assert json.loads(live.exchanges[4].body)["status"] == "succeeded"
