"""What keeps the repository itself: samples, documents, pictures, locks."""
