"""The admin listener: an API to inspect and control a running replay, on a port of its own."""
