"""The replay listener: accepts connections, reads requests, and plays responses on time."""
