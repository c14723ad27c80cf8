"""Finding what belongs together in two sequences, and in two sets of sessions."""
