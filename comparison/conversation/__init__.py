"""Reading one session for comparison, with the tokens of both sides mapped to each other."""
