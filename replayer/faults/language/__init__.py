"""How faults are written: specs, plan files, parameters, and the registry that finds each by name."""
