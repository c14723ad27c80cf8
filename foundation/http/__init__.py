"""Parts of HTTP that all folders use: headers, urls, cookies."""
