"""One table of texts per language; both have the same keys."""
