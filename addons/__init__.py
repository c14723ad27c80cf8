"""The side of mitmproxy: thin classes that `mitmdump -s` can load too."""
