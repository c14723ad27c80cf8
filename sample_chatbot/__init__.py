"""A chatbot that speaks the whole contract, for the demo and the tests."""
