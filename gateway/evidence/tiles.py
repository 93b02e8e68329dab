"""The hashes of a Merkle tree in tiles of 256, as C2SP tlog-tiles lays them out.

A tile at level ``t`` holds hashes of subtrees of ``256**t`` leaves. Only the last tile of each level
is ever unfinished, so whoever appends needs those alone: the right edge.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from gateway.evidence import merkle

HEIGHT = 8
WIDTH = 1 << HEIGHT
_HASH = 32
Place = tuple[int, int]  # level and position of a tile


def places(size: int) -> list[Place]:
    """The last tile of each level of a tree of ``size`` leaves."""
    found, level, count = [], 0, size
    while count:
        found.append((level, (count - 1) // WIDTH))
        count //= WIDTH
        level += 1
    return found


@dataclass(slots=True)
class Edge:
    """The right edge of a tree of ``size`` leaves; ``tiles`` hold their hashes one after another."""

    size: int = 0
    tiles: dict[Place, bytearray] = field(default_factory=dict)

    @classmethod
    def of(cls, size: int, tiles: Mapping[Place, bytes]) -> "Edge":
        """From stored tiles.

        Raises:
            ValueError: when a tile is missing or has another width than the size says.
        """
        for level, position in places(size):
            width = min(WIDTH, (size >> HEIGHT * level) - WIDTH * position)
            if len(tiles.get((level, position), b"")) < _HASH * width:
                raise ValueError(f"tile {position} of level {level} is missing or too short")
        return cls(
            size,
            {
                (level, position): bytearray(
                    tiles[level, position][: _HASH * ((size >> HEIGHT * level) - WIDTH * position)]
                )
                for level, position in places(size)
            },
        )

    def append(self, leaves: Iterable[bytes]) -> set[Place]:
        """Adds leaf hashes; gives the tiles that changed."""
        changed: set[Place] = set()
        for leaf in leaves:
            self._put(0, self.size, leaf, changed)
            self.size += 1
        return changed

    def head(self) -> bytes:
        """The tree head (RFC 6962)."""
        return merkle.head(self.node, self.size)

    def node(self, level: int, index: int) -> bytes:
        """The hash of a whole subtree, from the tiles at hand.

        Raises:
            KeyError: when its tile is not at hand.
        """
        return node_in(self.tiles, level, index)

    def _put(self, level: int, index: int, value: bytes, changed: set[Place]) -> None:
        place = (level, index // WIDTH)
        tile = self.tiles.setdefault(place, bytearray())
        tile += value
        changed.add(place)
        if len(tile) == WIDTH * _HASH:
            self._put(level + 1, place[1], _subtree(tile, 0, HEIGHT), changed)


def needed(level: int, index: int) -> Place:
    """The tile in which the hash of a subtree lies, or from which it follows."""
    tile, rest = divmod(level, HEIGHT)
    return tile, (index << rest) // WIDTH


def node_in(tiles: Mapping[Place, bytes | bytearray], level: int, index: int) -> bytes:
    """The hash of a whole subtree.

    Raises:
        KeyError: when its tile is not among ``tiles``.
    """
    rest = level % HEIGHT
    return _subtree(tiles[needed(level, index)], (index << rest) % WIDTH, rest)


def _subtree(tile: bytes | bytearray, first: int, height: int) -> bytes:
    row = [
        bytes(tile[at : at + _HASH])
        for at in range(first * _HASH, (first + (1 << height)) * _HASH, _HASH)
    ]
    if len(row[-1]) != _HASH:
        raise KeyError(f"the tile has no {first + (1 << height)} hashes")
    while len(row) > 1:
        row = [merkle.joined(left, right) for left, right in zip(row[::2], row[1::2], strict=True)]
    return row[0]
