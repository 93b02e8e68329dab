"""Governed objects: one declaration for each kind, from which everything else about it derives."""
