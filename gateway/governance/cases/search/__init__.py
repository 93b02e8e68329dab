"""Search for the cases of a person."""
