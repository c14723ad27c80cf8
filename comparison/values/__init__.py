"""Comparing JSON values and texts."""
