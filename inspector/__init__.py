"""The traffic inspector: a web page that shows what happened between the platform and the chatbot."""
