"""Receipts: one file proves offline that the entries of a request are in the signed log.

A receipt holds the leaves of the request, their positions, the audit path of each to a signed tree
head (RFC 6962, section 2.1.1), and the rotations of signing keys. Leaves hold commitments, not
values.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import msgspec

from gateway.evidence.checkpoint import (
    CheckpointBody,
    parse_checkpoint,
    parse_notes,
    verify_checkpoint,
)
from gateway.evidence.entry import leaf_hash
from gateway.evidence.key_chain import chain_of
from gateway.evidence.merkle import node_hash

VERSION = 1
LARGEST = 4 * 1024 * 1024  # bytes; a receipt of a request with many attempts takes some kilobytes
_LONGEST_PATH = 64


class ReceiptError(Exception):
    """The receipt is not valid; ``reason`` is unreadable, unknown_key or tampered."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


class LoggedEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An entry with its position: ``index`` counts from 0 in the tree; hashes are hex."""

    log: str
    seq: int
    index: int
    leaf: str
    hash: str
    proof: list[str]


class Receipt(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The document of a receipt. ``keys`` are the rotation notes; empty with one key."""

    version: int
    audit_id: str
    checkpoint: str
    keys: str
    entries: list[LoggedEntry]


@dataclass(frozen=True, slots=True)
class VerifiedReceipt:
    """What a receipt proves: events with their epoch milliseconds, in a log of ``size`` entries."""

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
    """Parses a receipt from its JSON.

    Raises:
        ReceiptError: when it is not one.
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
    """Verifies a receipt with a trusted public key (32 bytes).

    Raises:
        ReceiptError: when it is not valid.
    """
    head = _head(receipt, key)
    events: list[tuple[str, int]] = []
    indexes = set()
    for logged in receipt.entries:
        leaf = _leaf(logged, receipt.audit_id)
        if not 0 <= logged.index < head.size or logged.index in indexes:
            raise ReceiptError("tampered", f"entry {logged.seq}: its place is not in the tree")
        indexes.add(logged.index)
        path = _hashes(logged.proof)
        if (
            root_of(bytes.fromhex(leaf_hash(logged.leaf.encode())), logged.index, head.size, path)
            != head.root
        ):
            raise ReceiptError("tampered", f"entry {logged.seq} is not in the tree that was signed")
        events.append((leaf.event, leaf.time))
    return VerifiedReceipt(receipt.audit_id, head.size, events)


def root_of(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """Returns the tree head of a leaf hash and its audit path, empty when the path does not fit."""
    position, last, found = index, size - 1, leaf
    for node in path:
        if last == 0:
            return b""
        if position & 1 or position == last:
            found = node_hash(node, found)
            while position and not position & 1:
                position, last = position >> 1, last >> 1
        else:
            found = node_hash(found, node)
        position, last = position >> 1, last >> 1
    return found if last == 0 else b""


def _head(receipt: Receipt, key: bytes) -> CheckpointBody:
    try:
        chain = chain_of(key, [receipt.keys])
    except ValueError as error:
        raise ReceiptError("tampered", f"the links between keys do not hold: {error}") from error
    try:
        return verify_checkpoint(receipt.checkpoint, origin=chain.origin, keys=chain.keys)
    except ValueError as error:
        raise _signature_error(receipt.checkpoint, chain.origin, error) from error


def _signature_error(text: str, origin: str, error: ValueError) -> ReceiptError:
    """Returns the error of a checkpoint that no known key signed, or that was changed."""
    try:
        origins = [parse_checkpoint(note).origin for note in parse_notes(text)]
    except ValueError:
        origins = []
    if not origins:
        return ReceiptError("unreadable", f"the checkpoint: {error}")
    reason = "tampered" if origins[0] == origin else "unknown_key"
    return ReceiptError(reason, f"the checkpoint: {error}")


def _leaf(logged: LoggedEntry, audit_id: str) -> _Leaf:
    if leaf_hash(logged.leaf.encode()) != logged.hash:
        raise ReceiptError("tampered", f"entry {logged.seq} does not have the hash that is given")
    try:
        leaf = msgspec.json.decode(logged.leaf, type=_Leaf)
    except msgspec.DecodeError as error:
        raise ReceiptError("tampered", f"entry {logged.seq} is no leaf: {error}") from error
    if (leaf.log, leaf.seq, leaf.request) != (logged.log, logged.seq, audit_id):
        raise ReceiptError("tampered", f"entry {logged.seq} is of another place or request")
    return leaf


def _hashes(proof: Iterable[str]) -> list[bytes]:
    try:
        path = [bytes.fromhex(node) for node in proof]
    except ValueError as error:
        raise ReceiptError("tampered", "a proof holds what is no hash") from error
    if len(path) > _LONGEST_PATH or any(len(node) != hashlib.sha256().digest_size for node in path):
        raise ReceiptError("tampered", "a proof is longer than any tree is high")
    return path
