"""An RFC 6962 tree in its simplest form: what heads and proofs are compared with."""

import hashlib

from gateway.evidence.merkle import node_hash


class Frontier:
    """An append-only tree that keeps only its frontier: one hash per set bit of the size."""

    def __init__(self) -> None:
        self.size = 0
        self._nodes: list[bytes] = []

    def append(self, leaf_hash: bytes) -> None:
        """Adds a leaf hash."""
        self._nodes.append(leaf_hash)
        count = self.size
        while count & 1:
            right = self._nodes.pop()
            self._nodes.append(node_hash(self._nodes.pop(), right))
            count >>= 1
        self.size += 1

    def root(self) -> bytes:
        """Returns the tree head; that of an empty tree is the hash of the empty string."""
        if not self._nodes:
            return hashlib.sha256().digest()
        root = self._nodes[-1]
        for left in reversed(self._nodes[:-1]):
            root = node_hash(left, root)
        return root
