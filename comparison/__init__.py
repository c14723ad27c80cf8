"""How a chatbot's behaviour differs from what was recorded: align, compare, learn noise, report."""
