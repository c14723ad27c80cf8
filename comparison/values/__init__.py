"""Compares JSON values and texts, with what varies by nature masked."""
