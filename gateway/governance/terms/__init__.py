"""The organisation's own terms."""
