"""A bounded memory of what was worked out about texts, which keeps no text."""

import hashlib
from collections import OrderedDict
from contextlib import suppress
from typing import Generic, TypeVar

T = TypeVar("T")


class KeyedCache(Generic[T]):
    """Results by a keyed hash of text and context; the oldest go when it is full.

    Safe to use from several threads: at worst something is worked out twice.
    """

    def __init__(self, key: bytes, capacity: int) -> None:
        """``key`` has at least 16 bytes, so that nobody can try texts against the hashes."""
        if len(key) < 16:
            raise ValueError("the cache key needs at least 16 bytes")
        self._keyed = hashlib.blake2b(key=key[:64], digest_size=16)
        self._capacity = capacity
        self._known: OrderedDict[bytes, T] = OrderedDict()

    def key(self, text: str, context: bytes) -> bytes:
        """Under what a text is remembered; ``context`` names all else that a result depends on."""
        hasher = self._keyed.copy()
        hasher.update(context)
        hasher.update(text.encode("utf-8", "surrogatepass"))
        return hasher.digest()

    def get(self, key: bytes) -> T | None:
        """What is remembered, or None."""
        try:
            self._known.move_to_end(key)
            return self._known[key]
        except KeyError:  # also when another thread has forgotten it this moment
            return None

    def put(self, key: bytes, value: T) -> T:
        """Remembers and gives ``value``."""
        self._known[key] = value
        if len(self._known) > self._capacity:
            with suppress(KeyError):
                self._known.popitem(last=False)
        return value
