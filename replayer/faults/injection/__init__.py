"""Applying the active plan's faults to a response."""
