"""The filter of the table of exchanges: its language and its criteria."""
