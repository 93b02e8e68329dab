"""Changes that wait for another person."""
