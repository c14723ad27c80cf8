"""Which exchange answers a request: client sessions, their tokens and their place in the recording."""
