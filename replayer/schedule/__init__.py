"""What a response sends and when, as data: actions, made from an exchange and paced."""
