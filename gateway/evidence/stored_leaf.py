"""The stored form of a leaf: digests as bytes, without the values of the row's other columns.

The bytes that are hashed, exported and verified are canonical JSON. Nine tenths of it are
hexadecimal digits and values of other columns, so it is rebuilt from the row on each read. Its hash
is in the tree, so a changed row is detected.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import msgspec
import orjson

LEAF_VERSION = 1
_SHA256 = "sha256:"
_BUNDLE = re.compile(_SHA256 + "([0-9a-f]{64})")
_DIGITS = 64
_JSON = b"{"


class Packed(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The stored form: ``digests`` of bundle, previous leaf, payload, payload key and the fields.

    ``bundle`` is set when it is not a SHA-256 digest; ``names`` are the names of the fields.
    """

    bundle: str | None
    payload_bytes: int
    names: list[str]
    digests: bytes


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Packed).decode


def pack(
    *,
    prev: str,
    bundle: str,
    payload: str | None,
    payload_bytes: int,
    payload_key: str | None,
    fields: Mapping[str, str],
) -> bytes:
    """Returns the stored form of a leaf; ``fields`` (commitments by name) are sorted by name."""
    known = _digest_in(bundle)
    digests = (known or "", prev, payload or "", payload_key or "", *fields.values())
    return _encode(
        Packed(None if known else bundle, payload_bytes, [*fields], bytes.fromhex("".join(digests)))
    )


@lru_cache(maxsize=64)  # consecutive requests have the same bundle
def _digest_in(bundle: str) -> str | None:
    found = _BUNDLE.fullmatch(bundle)
    return found[1] if found else None


def leaf_of(row: Mapping[str, Any]) -> bytes:
    """Returns the canonical bytes of a leaf, from its row.

    A row of an older version holds them unchanged. Bytes of any other form are returned unchanged
    too: their hash is not in the tree.
    """
    stored = row["leaf"].encode() if isinstance(row["leaf"], str) else bytes(row["leaf"])
    if stored.startswith(_JSON):
        return stored
    try:
        return _canonical(row, _decode(stored))
    except (msgspec.DecodeError, IndexError, ValueError):
        return stored


def _canonical(row: Mapping[str, Any], packed: Packed) -> bytes:
    digits = packed.digests.hex()
    found = [digits[at : at + _DIGITS] for at in range(0, len(digits), _DIGITS)]
    own, sealed = found[: -len(packed.names) or None], found[len(found) - len(packed.names) :]
    bundle = _SHA256 + own.pop(0) if packed.bundle is None else packed.bundle
    prev = own.pop(0)
    payload = own.pop(0) if packed.payload_bytes else None
    return orjson.dumps(  # in the order of the keys, which canonical JSON requires
        {
            "bundle": bundle,
            "event": row["event"],
            "log": row["log"],
            "payload": payload,
            "payload_bytes": packed.payload_bytes,
            "payload_key": own.pop(0) if own else None,
            "prev": prev,
            "request": row["request"],
            "sd": dict(zip(packed.names, sealed, strict=True)),
            "seq": row["seq"],
            "time": row["time"],
            "v": LEAF_VERSION,
        }
    )
