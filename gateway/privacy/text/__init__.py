"""A text as detection reads it: normalized, folded, and its language."""
