"""Receipts: that the entries of one request stand in the signed log, in one file, checked offline.

A receipt holds the leaves of the request, their places, the audit path of each to a signed tree head
(RFC 6962, section 2.1.1), and the links between signing keys. Leaves hold commitments, no values.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import msgspec

from gateway.evidence.checkpoint import CheckpointBody, notes_in, opened, stated
from gateway.evidence.entry import leaf_hash
from gateway.evidence.key_chain import chain_of
from gateway.evidence.merkle import joined

VERSION = 1
LARGEST = 4 * 1024 * 1024  # bytes; a receipt of a request with many attempts takes some kilobytes
_LONGEST_PATH = 64


class ReceiptError(Exception):
    """A receipt that does not hold; ``reason`` is unreadable, unknown_key or tampered."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


class LoggedEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An entry with its place: ``index`` counts from 0 in the tree; hashes are hex."""

    log: str
    seq: int
    index: int
    leaf: str
    hash: str
    proof: list[str]


class Receipt(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is handed out. ``keys`` are the links between signing keys; empty with one key."""

    version: int
    audit_id: str
    checkpoint: str
    keys: str
    entries: list[LoggedEntry]


@dataclass(frozen=True, slots=True)
class VerifiedReceipt:
    """What a receipt proves: events with their epoch milliseconds, under a head of so many entries."""

    audit_id: str
    size: int
    events: list[tuple[str, int]]


class _Leaf(msgspec.Struct):
    log: str
    seq: int
    request: str
    event: str
    time: int


def read(data: bytes) -> Receipt:
    """A receipt from its JSON.

    Raises:
        ReceiptError: when it is none.
    """
    if len(data) > LARGEST:
        raise ReceiptError("unreadable", f"larger than {LARGEST} bytes")
    try:
        found = msgspec.json.decode(data, type=Receipt)
    except (msgspec.DecodeError, RecursionError) as error:
        raise ReceiptError("unreadable", str(error)) from error
    if found.version != VERSION:
        raise ReceiptError("unreadable", f"version {found.version} is not known here")
    if not found.entries:
        raise ReceiptError("unreadable", "it holds no entry")
    return found


def check(receipt: Receipt, key: bytes) -> VerifiedReceipt:
    """What a receipt proves to whoever trusts a public key (32 bytes).

    Raises:
        ReceiptError: when it does not hold.
    """
    head = _head(receipt, key)
    events: list[tuple[str, int]] = []
    places = set()
    for one in receipt.entries:
        leaf = _leaf(one, receipt.audit_id)
        if not 0 <= one.index < head.size or one.index in places:
            raise ReceiptError("tampered", f"entry {one.seq}: its place is not in the tree")
        places.add(one.index)
        path = _hashes(one.proof)
        if (
            root_of(bytes.fromhex(leaf_hash(one.leaf.encode())), one.index, head.size, path)
            != head.root
        ):
            raise ReceiptError("tampered", f"entry {one.seq} is not in the tree that was signed")
        events.append((leaf.event, leaf.time))
    return VerifiedReceipt(receipt.audit_id, head.size, events)


def root_of(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """The tree head that a leaf hash and its audit path give; nothing when the path does not fit."""
    place, last, found = index, size - 1, leaf
    for node in path:
        if last == 0:
            return b""
        if place & 1 or place == last:
            found = joined(node, found)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            found = joined(found, node)
        place, last = place >> 1, last >> 1
    return found if last == 0 else b""


def _head(receipt: Receipt, key: bytes) -> CheckpointBody:
    try:
        chain = chain_of(key, [receipt.keys])
    except ValueError as error:
        raise ReceiptError("tampered", f"the links between keys do not hold: {error}") from error
    try:
        return opened(receipt.checkpoint, origin=chain.origin, keys=chain.keys)
    except ValueError as error:
        raise _unsigned(receipt.checkpoint, chain.origin, error) from error


def _unsigned(text: str, origin: str, error: ValueError) -> ReceiptError:
    """Signed by nobody whom we know, or ours and changed."""
    try:
        said = [stated(note).origin for note in notes_in(text)]
    except ValueError:
        said = []
    if not said:
        return ReceiptError("unreadable", f"the checkpoint: {error}")
    reason = "tampered" if said[0] == origin else "unknown_key"
    return ReceiptError(reason, f"the checkpoint: {error}")


def _leaf(one: LoggedEntry, audit_id: str) -> _Leaf:
    if leaf_hash(one.leaf.encode()) != one.hash:
        raise ReceiptError("tampered", f"entry {one.seq} does not have the hash that is given")
    try:
        leaf = msgspec.json.decode(one.leaf, type=_Leaf)
    except msgspec.DecodeError as error:
        raise ReceiptError("tampered", f"entry {one.seq} is no leaf: {error}") from error
    if (leaf.log, leaf.seq, leaf.request) != (one.log, one.seq, audit_id):
        raise ReceiptError("tampered", f"entry {one.seq} is of another place or request")
    return leaf


def _hashes(proof: Iterable[str]) -> list[bytes]:
    try:
        path = [bytes.fromhex(node) for node in proof]
    except ValueError as error:
        raise ReceiptError("tampered", "a proof holds what is no hash") from error
    if len(path) > _LONGEST_PATH or any(len(node) != hashlib.sha256().digest_size for node in path):
        raise ReceiptError("tampered", "a proof is longer than any tree is high")
    return path
