"""A bounded memory of what was worked out about texts, which keeps no text."""

import hashlib
from collections import OrderedDict
from collections.abc import Callable
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

    def get(self, text: str, context: bytes, work: Callable[[str], T]) -> T:
        """What ``work`` gives for this text; ``context`` names all else that it depends on."""
        hasher = self._keyed.copy()
        hasher.update(context)
        hasher.update(text.encode("utf-8", "surrogatepass"))
        key = hasher.digest()
        try:
            known = self._known[key]
            self._known.move_to_end(key)
        except KeyError:
            known = self._known[key] = work(text)
            if len(self._known) > self._capacity:
                self._forget_oldest()
        return known

    def _forget_oldest(self) -> None:
        try:
            self._known.popitem(last=False)
        except KeyError:  # another thread emptied it meanwhile
            return
