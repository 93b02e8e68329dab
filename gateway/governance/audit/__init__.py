"""The audit log: sequencing, search, export and receipts."""
