"""One audit record: leaf version 1, with salted commitments instead of values.

The leaf holds no value in clear: each field stands as ``SHA256(JSON([salt, field, value]))`` with
16 random bytes of salt. Salts and values (the disclosure) are stored apart, so that they can be
erased while the leaf, and with it the chain and the tree, stays as it is. Canonical JSON is RFC
8785 for the values that are allowed here: strings, integers, booleans, null and flat lists of them.
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
    of one request together. ``time`` is epoch milliseconds. ``payload`` is ciphertext, opened by
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


def commitment(salt: str, name: str, value: Value) -> str:
    """The salted commitment of one field, in hex."""
    return hashlib.sha256(
        orjson.dumps([salt, name, value], option=orjson.OPT_SORT_KEYS)
    ).hexdigest()


def seal(entry: Entry, *, log: str, seq: int, prev: str) -> Sealed:
    """Gives an entry its place in a log: number ``seq``, after the leaf with hash ``prev``."""
    salts = os.urandom(16 * len(entry.fields)).hex()
    disclosure: dict[str, tuple[str, Value]] = {}
    commitments: dict[str, str] = {}
    for index, (name, value) in enumerate(entry.fields.items()):
        salt = salts[32 * index : 32 * index + 32]
        disclosure[name] = (salt, value)
        commitments[name] = commitment(salt, name, value)
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
            "sd": commitments,
        },
        option=orjson.OPT_SORT_KEYS,
    )
    return Sealed(entry, seq, leaf, leaf_hash(leaf), orjson.dumps(disclosure))
