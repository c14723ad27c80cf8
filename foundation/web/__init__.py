"""What the two web applications, the admin API and the inspector, have in common."""
