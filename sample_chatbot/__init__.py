"""A chatbot that speaks the whole contract, on Tornado: for the demo, the tests and the shipped samples."""
