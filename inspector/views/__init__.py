"""What the page shows, computed from cassettes: one file for each kind of view."""
