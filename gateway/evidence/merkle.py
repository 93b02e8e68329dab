"""Merkle tree heads and proofs of RFC 6962, from the hashes of whole subtrees."""

import hashlib
from collections.abc import Callable


def node_hash(left: bytes, right: bytes) -> bytes:
    """Returns the hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


NodeAt = Callable[[int, int], bytes]
"""Returns the hash of the whole subtree of 2**level leaves with that index at its level."""


def head(node: NodeAt, size: int) -> bytes:
    """Returns the tree head of the first ``size`` leaves (RFC 6962, section 2.1)."""
    return _head(node, 0, size) if size else hashlib.sha256().digest()


def inclusion_proof(node: NodeAt, index: int, size: int) -> list[bytes]:
    """Returns the audit path of one leaf, from the bottom up (section 2.1.1)."""
    path: list[bytes] = []
    first, end = 0, size
    while end - first > 1:
        middle = first + _split(end - first)
        if index < middle:
            path.append(_head(node, middle, end))
            end = middle
        else:
            path.append(_head(node, first, middle))
            first = middle
    return path[::-1]


def consistency_proof(node: NodeAt, old: int, new: int) -> list[bytes]:
    """Returns the proof that the first ``old`` leaves of ``new`` are unchanged (section 2.1.2)."""
    if old in (0, new):
        return []
    proof: list[bytes] = []
    first, end, whole = 0, new, True
    while old != end:
        middle = first + _split(end - first)
        if old <= middle:
            proof.append(_head(node, middle, end))
            end = middle
        else:
            proof.append(_head(node, first, middle))
            first, whole = middle, False
    return ([] if whole else [_head(node, first, end)]) + proof[::-1]


def outside_heads(node: NodeAt, first: int, end: int, size: int) -> list[bytes]:
    """Returns the heads of the largest subtrees without leaves of ``first`` to ``end``.

    They are in order, left to right. Together with the leaves of the range they give the head of
    the whole tree, which proves that the range is complete and in its position. Those to the left
    are whole subtrees, one per set bit of ``first``: with them the head of every size from
    ``first`` to ``end`` can be computed.
    """
    found: list[bytes] = []
    rest = [(0, size)] if size else []
    while rest:
        low, high = rest.pop()
        whole = (high - low) & (high - low - 1) == 0
        if (high <= first and whole) or low >= end:
            found.append(_head(node, low, high))
        elif low < first or high > end:
            middle = low + _split(high - low)
            rest += [(middle, high), (low, middle)]
    return found


def _head(node: NodeAt, first: int, end: int) -> bytes:
    count = end - first
    level = count.bit_length() - 1
    if count == 1 << level:
        return node(level, first >> level)
    middle = first + _split(count)
    return node_hash(_head(node, first, middle), _head(node, middle, end))


def _split(count: int) -> int:
    """Returns the largest power of two below ``count``."""
    return 1 << (count - 1).bit_length() - 1
