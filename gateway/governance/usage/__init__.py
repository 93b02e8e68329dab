"""Usage: exact figures of all requests by the hour, checked against the trail."""
