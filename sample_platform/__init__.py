"""The users' application: a Django project whose page asks the chatbot and keeps what it says."""
