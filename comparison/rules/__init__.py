"""What counts as a difference: the rules asked for and the noise that was learned."""
