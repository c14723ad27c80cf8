"""What is computed from a recording and never stored in it: time lines, summaries, jobs."""
