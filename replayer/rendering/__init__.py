"""From a selected exchange to the bytes that this client gets: its own tokens, its own address."""
