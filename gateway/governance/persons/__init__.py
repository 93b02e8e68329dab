"""Persons: who they are, whether they are active, and the cut-offs that end their sign-ons."""
