"""What the two web applications, the admin API and the inspector, share."""
