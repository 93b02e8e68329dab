"""The Merkle tree head of RFC 6962, computed with one hash per set bit of the size."""

import hashlib


def _node(left: bytes, right: bytes) -> bytes:
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
            self._nodes.append(_node(self._nodes.pop(), right))
            count >>= 1
        self.size += 1

    def root(self) -> bytes:
        """The tree head; of an empty tree the hash of nothing."""
        if not self._nodes:
            return hashlib.sha256().digest()
        root = self._nodes[-1]
        for left in reversed(self._nodes[:-1]):
            root = _node(left, root)
        return root
