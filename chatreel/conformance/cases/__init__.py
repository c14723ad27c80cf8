"""The acceptance cases, one module for each category."""
