"""A bounded cache of results about texts. It keeps no text."""

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class KeyedCache(Generic[T]):
    """Results by a keyed hash of text and context. A full cache drops the least recently used.

    Safe to use from several threads: at worst a result is computed twice.
    """

    def __init__(
        self, key: bytes, capacity: int, *, size: Callable[[T], int] = lambda _: 1
    ) -> None:
        """``key`` has at least 16 bytes, so that texts cannot be guessed from the hashes.

        ``capacity`` is the most that the entries together may have of what ``size`` measures; as a
        rule that is their number.
        """
        if len(key) < 16:
            raise ValueError("the cache key needs at least 16 bytes")
        self._hash = hashlib.blake2b(key=key[:64], digest_size=16)
        self._capacity = capacity
        self._size = size
        self._held = 0
        self._changing = Lock()
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
        """Stores and returns ``value``; one that is larger than the whole cache is not stored."""
        added = self._size(value)
        with self._changing:
            before = self._entries.pop(key, None)
            self._held -= 0 if before is None else self._size(before)
            if added <= self._capacity:
                self._entries[key] = value
                self._held += added
            while self._held > self._capacity:
                self._held -= self._size(self._entries.popitem(last=False)[1])
        return value
