"""Faults before the response: it comes late, or another one comes in its place."""
