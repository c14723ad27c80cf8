"""Tokens, the values that a server issues and a client sends back, and the sessions that they tie together."""
