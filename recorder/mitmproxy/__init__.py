"""The part of the recorder that depends on mitmproxy: running it, converting its flows, reading its flow files."""
