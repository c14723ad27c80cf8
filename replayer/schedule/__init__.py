"""What a response sends and when, as data: actions, how an exchange becomes such actions, and their pace."""
