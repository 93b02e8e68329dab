"""Searches of the trail that a person keeps under a name."""
