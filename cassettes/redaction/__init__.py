"""Replaces secrets by stand-ins before anything is written."""
