"""Forwards requests that match nothing to the live upstream, and records its responses."""
