"""Editing what faults change: blocks of events, JSON bodies, headers, whole responses."""
