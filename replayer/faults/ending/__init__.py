"""Faults at the end of a stream: it breaks off, each time in another way."""
