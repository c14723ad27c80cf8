"""Compares live traffic with a recording while it passes through the proxy."""
