"""HTTP/1 responses on bytes (RFC 9112), without a socket, and read as leniently as curl reads them."""
