"""The application: the assistant's page, its stream, and the messages that it keeps."""
