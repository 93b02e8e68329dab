"""Use cases as records: their statements, their review, and who owns them."""
