"""The Merkle tree head of RFC 6962, computed with one hash per set bit of the size."""

import hashlib
from collections.abc import Callable


def joined(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Frontier:
    """An append-only tree: only its frontier is kept."""

    def __init__(self) -> None:
        self.size = 0
        self._nodes: list[bytes] = []

    def append(self, leaf_hash: bytes) -> None:
        """Adds a leaf hash."""
        self._nodes.append(leaf_hash)
        count = self.size
        while count & 1:
            right = self._nodes.pop()
            self._nodes.append(joined(self._nodes.pop(), right))
            count >>= 1
        self.size += 1

    def root(self) -> bytes:
        """The tree head; of an empty tree the hash of nothing."""
        if not self._nodes:
            return hashlib.sha256().digest()
        root = self._nodes[-1]
        for left in reversed(self._nodes[:-1]):
            root = joined(left, root)
        return root


NodeAt = Callable[[int, int], bytes]
"""The hash of the whole subtree of 2**level leaves with that index at its level."""


def head(node: NodeAt, size: int) -> bytes:
    """The tree head of the first ``size`` leaves (RFC 6962, section 2.1)."""
    return _head(node, 0, size) if size else hashlib.sha256().digest()


def inclusion(node: NodeAt, index: int, size: int) -> list[bytes]:
    """The audit path of one leaf, from the bottom up (section 2.1.1)."""
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


def consistency(node: NodeAt, old: int, new: int) -> list[bytes]:
    """The proof that the first ``old`` leaves of ``new`` are still the same (section 2.1.2)."""
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


def outside(node: NodeAt, first: int, end: int, size: int) -> list[bytes]:
    """The heads of the largest subtrees that hold no leaf of ``first`` to ``end``, left to right.

    With the leaves of that range they give the head of the whole tree: who consumes all of them and
    gets the signed head has the whole range, in its place. Those to the left are whole subtrees, one
    for each bit of ``first``: with them the head of every size from ``first`` to ``end`` is known.
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
    return joined(_head(node, first, middle), _head(node, middle, end))


def _split(count: int) -> int:
    """The largest power of two below ``count``."""
    return 1 << (count - 1).bit_length() - 1
