"""Retention: the parts of entries expire by class, unless a legal hold covers them.

``service`` expires entries and ``vault_expiry`` the values of conversations. ``removal`` deletes,
and notes what it deleted. ``partition_manager`` keeps the monthly partitions of PostgreSQL.
"""
