"""What the commands print: tables, help on faults, comparisons."""
