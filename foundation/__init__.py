"""What all folders use and what does not depend on chatbots: time, errors, sockets, worker processes, HTTP."""
