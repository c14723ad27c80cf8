"""Compares live traffic with a recording as it happens."""
