"""HTTP/1.1 without sockets (RFC 9112): parses requests and responses, encodes responses, and has the limits."""
