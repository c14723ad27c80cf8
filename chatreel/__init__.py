"""Chatreel: a record/replay proxy and traffic inspector for chatbots."""

__version__ = "0.1.0"
