"""What faults would do to a recorded exchange, without serving it."""
