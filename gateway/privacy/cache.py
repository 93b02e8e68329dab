"""Findings of texts that were scanned before: chat history comes again on every turn."""

import hashlib
from collections import OrderedDict
from typing import Protocol

from gateway.core.finding import Finding


class Scanner(Protocol):
    """What finds; ``version`` changes whenever the same text could give other findings."""

    version: str

    def scan(self, text: str) -> tuple[Finding, ...]:
        """The findings of one text."""


class CachedDetector:
    """A detector that remembers its last ``capacity`` texts by a keyed hash, never the text.

    Safe to use from several threads: at worst a text is scanned twice.
    """

    def __init__(self, detector: Scanner, key: bytes, capacity: int) -> None:
        if len(key) < 16:
            raise ValueError("the cache key needs at least 16 bytes")
        self.version = detector.version
        self._detector = detector
        self._capacity = capacity
        self._known: OrderedDict[bytes, tuple[Finding, ...]] = OrderedDict()
        self._hash = hashlib.blake2b(key=key[:64], digest_size=16)
        self._hash.update(detector.version.encode() + b"\0")

    def scan(self, text: str) -> tuple[Finding, ...]:
        """As the detector's own ``scan``."""
        hasher = self._hash.copy()
        hasher.update(text.encode("utf-8", "surrogatepass"))
        key = hasher.digest()
        known = self._known.get(key)
        if known is None:
            known = self._detector.scan(text)
            self._known[key] = known
            if len(self._known) > self._capacity:
                self._forget_oldest()
            return known
        try:
            self._known.move_to_end(key)
        except KeyError:  # another thread dropped it meanwhile
            self._known[key] = known
        return known

    def _forget_oldest(self) -> None:
        try:
            self._known.popitem(last=False)
        except KeyError:  # another thread emptied it meanwhile
            return
