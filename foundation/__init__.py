"""What every folder borrows and what knows nothing of chatbots: time, errors, sockets, worker processes, HTTP."""
