"""One audit entry: leaf version 1, with salted commitments instead of values.

The leaf holds no value in clear: each field is ``SHA256(JSON([salt, field, value]))``. The salts
have 128 bits and come from a stream (SHAKE128) over a random seed of the entry, so that one field
can be disclosed without the others. Seed and values (the disclosure) are stored separately: they
can be erased without a change of the leaf, the chain and the tree. Canonical JSON is RFC 8785 for
the allowed values: strings, integers, booleans, null, and flat lists and maps of them.
"""

import hashlib
import os
from collections.abc import Callable, Mapping

import msgspec
import orjson

from gateway.evidence.stored_leaf import LEAF_VERSION, pack

GENESIS = "0" * 64
SEED_BYTES = _SALT_BYTES = 16
SEARCHED = ("principal", "team", "model", "deployment", "zone", "level", "outcome", "cost_micros")

Value = str | int | bool | None | list[str] | dict[str, int]


class Entry(msgspec.Struct, eq=False):
    """An audit entry before it has a position in a log.

    ``event`` follows ``source:subject:action``. ``request`` is the audit id of all entries of one
    request. ``time`` is epoch milliseconds. ``index`` holds the searched values where they differ
    from the fields; it is not evidence. ``payload`` is ciphertext under a data key that is stored
    wrapped for ``subject``; ``payload_key`` commits to that data key.
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


class SealedEntry(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An entry with its position in a log, as it is stored.

    ``leaf`` (in its stored form) and ``hash`` are permanent. ``search_values`` (the values of
    ``SEARCHED``) and all fields after it can be erased. ``disclosure`` is JSON: the seed of the
    salts, and the values.
    """

    seq: int
    request: str
    time: int
    event: str
    leaf: bytes
    hash: str
    search_values: tuple[Value, ...]
    disclosure: bytes
    subject: str | None
    payload: bytes | None
    wrapped_key: bytes | None

    def __repr__(self) -> str:
        """Without content: it must not reach a log."""
        return f"SealedEntry(seq={self.seq}, event={self.event!r}, hash={self.hash!r})"


def leaf_hash(leaf: bytes) -> str:
    """Returns the RFC 6962 leaf hash, in hex."""
    return hashlib.sha256(b"\x00" + leaf).hexdigest()


def salts_of(seed: str, count: int) -> list[str]:
    """Returns the salts of an entry's fields, in the order of the names. They are independent."""
    stream = hashlib.shake_128(seed.encode()).hexdigest(_SALT_BYTES * count)
    return [stream[at : at + 2 * _SALT_BYTES] for at in range(0, len(stream), 2 * _SALT_BYTES)]


def commitments(salts: list[str], fields: Mapping[str, Value]) -> dict[str, str]:
    """Returns the salted commitment of each field, in hex."""
    dumps, sha256, sort = orjson.dumps, hashlib.sha256, orjson.OPT_SORT_KEYS
    return {
        name: sha256(dumps([salt, name, value], option=sort)).hexdigest()
        for salt, (name, value) in zip(salts, fields.items(), strict=True)
    }


def disclosed_fields(stored: bytes, opens: Callable[[str], bool]) -> list[bytes]:
    """Returns the committed JSON (salt, name, value) of each field that ``opens``, in order."""
    seed, values = orjson.loads(stored)
    salts = salts_of(seed, len(values))
    return [
        orjson.dumps([salt, name, values[name]], option=orjson.OPT_SORT_KEYS)
        for name, salt in zip(sorted(values), salts, strict=True)
        if opens(name)
    ]


def values_of(stored: bytes) -> dict[str, Value]:
    """Returns the values of a stored disclosure."""
    values: dict[str, Value] = orjson.loads(stored)[1]
    return values


def seal(entry: Entry, *, log: str, seq: int, prev: str, seed: str | None = None) -> SealedEntry:
    """Seals an entry as number ``seq`` of a log, after the leaf with hash ``prev``.

    Fields without a value (None, empty lists and maps) are left out. ``seed`` is that of the salts:
    ``SEED_BYTES`` random bytes in hex.
    """
    seed = seed or os.urandom(SEED_BYTES).hex()
    entry_fields = entry.fields
    fields = {
        name: value
        for name in sorted(entry_fields)
        if (value := entry_fields[name]) or value in (0, "")
    }
    salts = salts_of(seed, len(fields))
    payload = entry.payload
    digest = hashlib.sha256(payload).hexdigest() if payload else None
    size = len(payload) if payload else 0
    sealed = commitments(salts, fields)
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
            "payload": digest,
            "payload_bytes": size,
            "payload_key": entry.payload_key,
            "sd": sealed,
        },
        option=orjson.OPT_SORT_KEYS,
    )
    stored = pack(
        prev=prev,
        bundle=entry.bundle,
        payload=digest,
        payload_bytes=size,
        payload_key=entry.payload_key,
        fields=sealed,
    )
    get = (entry.index or entry_fields).get
    return SealedEntry(
        seq,
        entry.request,
        entry.time,
        entry.event,
        stored,
        leaf_hash(leaf),
        tuple(map(get, SEARCHED)),
        orjson.dumps([seed, fields]),
        entry.subject,
        payload,
        entry.wrapped_key,
    )
