"""A bounded cache of results about texts. It keeps no text."""

import hashlib
from collections import OrderedDict
from contextlib import suppress
from typing import Generic, TypeVar

T = TypeVar("T")


class KeyedCache(Generic[T]):
    """Results by a keyed hash of text and context. A full cache drops the least recently used.

    Safe to use from several threads: at worst a result is computed twice.
    """

    def __init__(self, key: bytes, capacity: int) -> None:
        """``key`` has at least 16 bytes, so that texts cannot be guessed from the hashes."""
        if len(key) < 16:
            raise ValueError("the cache key needs at least 16 bytes")
        self._hash = hashlib.blake2b(key=key[:64], digest_size=16)
        self._capacity = capacity
        self._entries: OrderedDict[bytes, T] = OrderedDict()

    def key(self, text: str, context: bytes) -> bytes:
        """Returns the cache key of a text. ``context`` names all else that a result depends on."""
        hasher = self._hash.copy()
        hasher.update(context)
        hasher.update(text.encode("utf-8", "surrogatepass"))
        return hasher.digest()

    def get(self, key: bytes) -> T | None:
        """Returns the cached result, or None."""
        try:
            self._entries.move_to_end(key)
            return self._entries[key]
        except KeyError:  # also when another thread has just dropped it
            return None

    def put(self, key: bytes, value: T) -> T:
        """Stores and returns ``value``."""
        self._entries[key] = value
        if len(self._entries) > self._capacity:
            with suppress(KeyError):
                self._entries.popitem(last=False)
        return value
