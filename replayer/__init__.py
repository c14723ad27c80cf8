"""Cassette to socket: matching, schedules, clock, player and the replay listener."""
