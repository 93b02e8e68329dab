"""Deadlines as data: packaged rows, the organisation's own, and who has verified them."""
