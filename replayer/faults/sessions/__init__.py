"""Faults in the sessions of clients: cookies and jobs are lost, or are somebody else's."""
