"""Live traffic to cassette: assembly of an exchange, the writer that never blocks, mitmproxy run embedded."""
