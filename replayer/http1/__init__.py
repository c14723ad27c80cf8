"""HTTP/1.1 on bytes (RFC 9112): parsing requests and responses, encoding responses, refusals, limits."""
