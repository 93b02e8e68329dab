"""Teams as records: created, changed and deleted without a file."""
