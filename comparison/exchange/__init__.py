"""Compares two exchanges by head, events, ending and timing, and two jobs by their states."""
