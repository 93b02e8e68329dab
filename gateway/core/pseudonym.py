"""Keyed one-way names for people."""

import hashlib
import hmac


def pseudonym(key: bytes, scope: str, value: str) -> str:
    """A stable, irreversible name (24 hex digits) for ``value`` within ``scope``."""
    return hmac.new(key, f"{scope}\x00{value}".encode(), hashlib.sha256).hexdigest()[:24]
