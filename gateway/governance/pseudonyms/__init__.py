"""Pseudonyms in place of persons who use models, and how one is resolved."""
