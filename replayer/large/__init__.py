"""What is too large for the event loop: a process of its own reads such requests and answers, and the loop goes on."""
