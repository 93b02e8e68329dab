"""Signed and opaque blocks of answers: which deployment issued them.

A model's signed thinking or encrypted reasoning means something to its issuer alone, and nothing
can be taken out of it. So such a block may return unchanged to the deployment that issued it, in
the same conversation of the same key, and to no other. The index keeps keyed digests, no content.
"""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from gateway.core.fields import Path, SealedPlace, value_at
from gateway.core.keyed_cache import KeyedCache
from gateway.dialects.base import Body
from gateway.routing import Target

_ENTRIES = 65_536


def issuer_of(target: Target) -> str:
    """Names a deployment as it is now: one of the same name elsewhere is another issuer."""
    provider = target.provider
    return f"{target.name}\n{provider.name}\n{provider.base_url}\n{target.model}"


class SealedIndex:
    """Issuers of sealed blocks, of the last 65,536 blocks that this process has seen."""

    def __init__(self, key: bytes) -> None:
        """``key`` hides what the digests are of."""
        self._issuers: KeyedCache[str] = KeyedCache(key, _ENTRIES)

    def add(self, blocks: Iterable[Any], *, scope: bytes, issuer: str) -> None:
        """Registers blocks, or their opaque fields; ``scope`` is the digest of the conversation."""
        for block in blocks:
            self._issuers.put(self._key(block, scope), issuer)

    def foreign(
        self, body: Body, places: Sequence[SealedPlace], *, scope: bytes, issuer: str
    ) -> list[Path]:
        """The places in ``body`` whose block has another issuer, or none that is known."""
        return [
            place.path
            for place in places
            if self._issuers.get(self._key(_opaque(body, place), scope)) != issuer
        ]

    def _key(self, block: Any, scope: bytes) -> bytes:
        data = orjson.dumps(block, option=orjson.OPT_SORT_KEYS)
        return self._issuers.key(hashlib.sha256(data).hexdigest(), scope)


def _opaque(body: Any, place: SealedPlace) -> Any:
    block = value_at(body, place.path)
    return block if place.key is None else block.get(place.key)
