"""Comparing two exchanges: head, events, end, timing, and jobs by their states."""
