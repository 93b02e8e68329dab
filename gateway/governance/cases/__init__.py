"""Incidents and complaints: each has a deadline, is on record, and holds its evidence."""
