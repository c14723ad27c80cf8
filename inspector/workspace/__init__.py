"""The files that are inspected, followed as they grow."""
