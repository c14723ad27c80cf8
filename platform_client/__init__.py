"""The platform's client of a chatbot: SSE streams and polled jobs, turned into one kind of events."""
