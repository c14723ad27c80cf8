"""Compares requests: which recorded request one matches, and in what it differs from others."""
