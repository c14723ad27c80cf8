"""The replay listener's sockets: accepting, reading requests, playing responses on time."""
