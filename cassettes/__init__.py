"""What a recording is: model, SSE codec, file format, redaction. No I/O but the files of a cassette."""
