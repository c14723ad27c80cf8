"""The cassette as a file: its wire format, reading, writing and finding exchanges in it."""
