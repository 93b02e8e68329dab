"""Keyed one-way pseudonyms of persons."""

import hmac


def pseudonym(key: bytes, scope: str, value: str) -> str:
    """Returns a stable, irreversible name (24 hex digits) of ``value`` within ``scope``."""
    return hmac.digest(key, f"{scope}\x00{value}".encode(), "sha256")[:12].hex()
