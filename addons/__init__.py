"""mitmproxy's addons, which Chatreel embeds and which `mitmdump -s` can load."""
