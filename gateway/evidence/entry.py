"""One audit record: leaf version 1, with salted commitments instead of values.

The leaf holds no value in clear: each field stands as ``SHA256(JSON([salt, field, value]))``, with
a salt of 128 bits that is derived from a random seed of the entry, so that one field can be
disclosed without the others. Seed and values (the disclosure) are stored apart: they can be erased
while the leaf, and with it the chain and the tree, stays as it is. Canonical JSON is RFC 8785 for
the values that are allowed here: strings, integers, booleans, null, and flat lists and maps of them.
"""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field

import orjson

LEAF_VERSION = 1
GENESIS = "0" * 64

Value = str | int | bool | None | list[str] | dict[str, int]


@dataclass(slots=True, eq=False)
class Entry:
    """What happened, before it has a place in a log.

    ``event`` follows ``source:subject:action``. ``request`` is the audit id that ties the entries
    of one request together. ``time`` is epoch milliseconds. ``index`` holds what the entry is found
    by, where that is more than its own fields; it is no evidence. ``payload`` is ciphertext, opened by
    a data key that is stored wrapped for ``subject``; ``payload_key`` commits to that data key.
    """

    event: str
    request: str
    time: int
    fields: Mapping[str, Value]
    bundle: str = ""
    payload: bytes | None = None
    payload_key: str | None = None
    wrapped_key: bytes | None = None
    subject: str | None = None
    index: Mapping[str, Value] | None = None


@dataclass(frozen=True, slots=True)
class Sealed:
    """An entry with its place: canonical leaf bytes, leaf hash, and the disclosure as JSON."""

    entry: Entry
    seq: int
    leaf: bytes
    hash: str
    disclosure: bytes = field(repr=False)


def leaf_hash(leaf: bytes) -> str:
    """RFC 6962 leaf hash, in hex."""
    return hashlib.sha256(b"\x00" + leaf).hexdigest()


def salt_of(seed: str, name: str) -> str:
    """The salt of one field, in hex: it tells nothing of the seed or of other salts."""
    return hashlib.blake2b(name.encode(), key=seed.encode(), digest_size=16).hexdigest()


def commitment(salt: str, name: str, value: Value) -> str:
    """The salted commitment of one field, in hex."""
    canonical = orjson.dumps([salt, name, value], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(canonical).hexdigest()


def disclosed(stored: bytes) -> dict[str, tuple[str, Value]]:
    """Salt and value of every field, from a stored disclosure."""
    seed, values = orjson.loads(stored)
    return {name: (salt_of(seed, name), value) for name, value in values.items()}


def values_of(stored: bytes) -> dict[str, Value]:
    """The values of a stored disclosure."""
    values: dict[str, Value] = orjson.loads(stored)[1]
    return values


def seal(entry: Entry, *, log: str, seq: int, prev: str) -> Sealed:
    """Gives an entry its place in a log: number ``seq``, after the leaf with hash ``prev``.

    Fields without a value (None, empty lists and maps) are left out.
    """
    seed = os.urandom(16).hex()
    fields = {name: value for name, value in entry.fields.items() if value or value in (0, "")}
    payload = entry.payload
    leaf = orjson.dumps(
        {
            "v": LEAF_VERSION,
            "log": log,
            "seq": seq,
            "prev": prev,
            "time": entry.time,
            "event": entry.event,
            "request": entry.request,
            "bundle": entry.bundle,
            "payload": hashlib.sha256(payload).hexdigest() if payload else None,
            "payload_bytes": len(payload) if payload else 0,
            "payload_key": entry.payload_key,
            "sd": {
                name: commitment(salt_of(seed, name), name, value) for name, value in fields.items()
            },
        },
        option=orjson.OPT_SORT_KEYS,
    )
    return Sealed(entry, seq, leaf, leaf_hash(leaf), orjson.dumps([seed, fields]))
