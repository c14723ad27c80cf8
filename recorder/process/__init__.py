"""The process that writes a cassette, and the queue and messages that feed it."""
