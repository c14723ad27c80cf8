"""`chatreel check`: runs the acceptance cases TC-001 to TC-504 against a target and sums up their outcomes."""
