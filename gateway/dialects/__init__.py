"""API dialects: the only code that knows the field names of an API."""
