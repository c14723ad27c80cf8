"""Framings: how the events of a stream stand in its bytes. Bytes at any split become events, and events bytes."""
