"""The platform's chatbot client (contract.md), on requests.Session."""
