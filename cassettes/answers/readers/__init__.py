"""Readers of answers, one protocol a file."""
