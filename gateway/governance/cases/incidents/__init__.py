"""Incidents and their deadlines."""
