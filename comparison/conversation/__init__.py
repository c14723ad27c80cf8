"""Reads the sessions of a recording, and maps the tokens of a recorded session to those of the live one."""
