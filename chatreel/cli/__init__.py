"""What the commands share: options, units, the terminal, serving until a signal."""
