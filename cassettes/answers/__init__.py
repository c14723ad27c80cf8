"""The answer of a chatbot, a view computed from the events of a response: text, reasoning, tool calls, usage ..."""
