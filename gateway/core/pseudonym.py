"""Keyed one-way pseudonyms of persons."""

import hashlib
import hmac


def pseudonym(key: bytes, scope: str, value: str) -> str:
    """Returns a stable, irreversible name (24 hex digits) of ``value`` within ``scope``."""
    return hmac.new(key, f"{scope}\x00{value}".encode(), hashlib.sha256).hexdigest()[:24]
