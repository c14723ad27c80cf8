"""The admin listener: what the replay server tells about itself, away from the recorded paths."""
