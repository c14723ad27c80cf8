"""Faults in the events of a stream."""
