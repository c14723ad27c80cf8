"""The acceptance cases, a category a file."""
