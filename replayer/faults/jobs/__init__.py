"""Faults in the polls of a job."""
