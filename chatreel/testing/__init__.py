"""What the pytest plugin's fixture `chatreel` is made of, and the types for annotations."""

from chatreel.testing.fixture import Chatreel, Reel
from chatreel.testing.recording import Recorders, Recording
from chatreel.testing.replay import Replay

__all__ = ["Chatreel", "Recorders", "Recording", "Reel", "Replay"]
