"""One audit record: leaf version 1, with salted commitments instead of values.

The leaf holds no value in clear: each field stands as ``SHA256(JSON([salt, field, value]))``, with
a salt of 128 bits, cut from a stream (SHAKE128) that a random seed of the entry gives, so that one
field can be disclosed without the others. Seed and values (the disclosure) are stored apart: they
can be erased while the leaf, and with it the chain and the tree, stays as it is. Canonical JSON is RFC 8785 for
the values that are allowed here: strings, integers, booleans, null, and flat lists and maps of them.
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


class Sealed(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An entry with its place in a log, as it is stored.

    ``leaf`` (in its stored form) and ``hash`` stay for ever; ``found_by`` (the values of ``SEARCHED``)
    and all behind it can be erased. ``disclosure`` is JSON: the seed of the salts, and the values.
    """

    seq: int
    request: str
    time: int
    event: str
    leaf: bytes
    hash: str
    found_by: tuple[Value, ...]
    disclosure: bytes
    subject: str | None
    payload: bytes | None
    wrapped_key: bytes | None

    def __repr__(self) -> str:
        """Without content: it must not reach a log."""
        return f"Sealed(seq={self.seq}, event={self.event!r}, hash={self.hash!r})"


def leaf_hash(leaf: bytes) -> str:
    """RFC 6962 leaf hash, in hex."""
    return hashlib.sha256(b"\x00" + leaf).hexdigest()


def salts_of(seed: str, count: int) -> list[str]:
    """The salts of an entry's fields, in the order of their names: none tells of another."""
    stream = hashlib.shake_128(seed.encode()).hexdigest(_SALT_BYTES * count)
    return [stream[at : at + 2 * _SALT_BYTES] for at in range(0, len(stream), 2 * _SALT_BYTES)]


def commitments(salts: list[str], fields: Mapping[str, Value]) -> dict[str, str]:
    """The salted commitment of each field, in hex."""
    dumps, sha256, sort = orjson.dumps, hashlib.sha256, orjson.OPT_SORT_KEYS
    return {
        name: sha256(dumps([salt, name, value], option=sort)).hexdigest()
        for salt, (name, value) in zip(salts, fields.items(), strict=True)
    }


def committed(stored: bytes, opens: Callable[[str], bool]) -> list[bytes]:
    """What was committed to for each field that is opened, in order: the JSON of salt, name and value."""
    seed, values = orjson.loads(stored)
    salts = salts_of(seed, len(values))
    return [
        orjson.dumps([salt, name, values[name]], option=orjson.OPT_SORT_KEYS)
        for name, salt in zip(sorted(values), salts, strict=True)
        if opens(name)
    ]


def values_of(stored: bytes) -> dict[str, Value]:
    """The values of a stored disclosure."""
    values: dict[str, Value] = orjson.loads(stored)[1]
    return values


def seal(entry: Entry, *, log: str, seq: int, prev: str, seed: str | None = None) -> Sealed:
    """Gives an entry its place in a log: number ``seq``, after the leaf with hash ``prev``.

    Fields without a value (None, empty lists and maps) are left out. ``seed`` is that of the salts,
    ``SEED_BYTES`` random ones in hex.
    """
    seed = seed or os.urandom(SEED_BYTES).hex()
    given = entry.fields
    fields = {name: value for name in sorted(given) if (value := given[name]) or value in (0, "")}
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
    get = (entry.index or given).get
    return Sealed(
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
