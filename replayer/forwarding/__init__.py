"""Sending a request that matches nothing to the live upstream, and recording what it answers."""
