"""Mandates: bounds within which a person, or who has a role, acts alone."""
