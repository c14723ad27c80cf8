"""Reports on a comparison: for a terminal, for programs, for CI servers, and as a page with time lines."""
