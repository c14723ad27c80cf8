"""Faults in the pace of a stream: its bytes are the same, and come at other times or in other pieces."""
