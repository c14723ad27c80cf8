"""The fixture `chatreel` in the user's process, and the types for annotations.

It is a thin client of the test server (`chatreel/test_server/`) and imports only the standard library, so that a
project's own packages are found by whatever name they have.
"""

from chatreel.testing.fixture import Chatreel
from chatreel.testing.fixture_errors import ChatreelError, TestServerError
from chatreel.testing.journal_records import ClientSession, JournalEntry
from chatreel.testing.recorders import Recorders
from chatreel.testing.remote_chatbots import Recording, Reel, Replay

__all__ = [
    "Chatreel",
    "ChatreelError",
    "ClientSession",
    "JournalEntry",
    "Recorders",
    "Recording",
    "Reel",
    "Replay",
    "TestServerError",
]
