"""Starts and stops a recording from the page."""

from __future__ import annotations

from pathlib import Path

import msgspec

from foundation.web.parameters import BadParameters, from_body
from inspector.handlers.action_handler import ActionHandler
from inspector.workspace.page_recorder import shown


class RecordingSwitch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body: whether to record from now on."""

    on: bool


class RecordingHandler(ActionHandler):
    """Starts or stops a recording, and answers with the RecordingState."""

    async def post(self) -> None:
        """Start or stop, as the body says."""
        with self.refusing_errors():
            switch = from_body(RecordingSwitch, self.body)
            recorder = self.workspace.recorder
            if recorder is None:
                raise BadParameters("this page records nothing: start it with chatreel inspect --record URL")
            if switch.on:
                running = await recorder.start()
                await self.workspace.open()
                await self.workspace.add(Path(running.path))
            else:
                await recorder.stop()
                self.workspace.announce()
            state = shown(recorder)
        self.write(self.encoded(state))
