"""The small parts of HTTP that every folder needs: headers, urls, cookies."""
