"""Faults before the answer: it comes late, or another one comes in its place."""
