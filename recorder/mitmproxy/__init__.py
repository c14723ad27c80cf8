"""All of the recorder that knows mitmproxy: its host, its flows, its flow files."""
