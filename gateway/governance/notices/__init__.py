"""Notices: mail and webhooks about what waits and what is due, never its content."""
