"""What counts as a difference: the rules of the command line and the noise of a noise file."""
