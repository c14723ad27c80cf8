"""The inspector's request handlers."""
