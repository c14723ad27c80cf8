"""What the commands print: tables, the help on faults, reports on comparisons."""
