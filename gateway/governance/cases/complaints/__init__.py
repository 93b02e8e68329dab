"""Complaints about answers."""
