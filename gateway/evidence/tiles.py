"""The hashes of a Merkle tree in tiles of 256, in the layout of C2SP tlog-tiles.

A tile at level ``t`` holds hashes of subtrees of ``256**t`` leaves. Only the last tile of each
level is incomplete, so appending needs only those: the right edge.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from gateway.evidence import merkle

HEIGHT = 8
WIDTH = 1 << HEIGHT
_HASH = 32
TilePosition = tuple[int, int]  # level and position of a tile


def last_tiles(size: int) -> list[TilePosition]:
    """Returns the last tile of each level of a tree of ``size`` leaves."""
    positions, level, count = [], 0, size
    while count:
        positions.append((level, (count - 1) // WIDTH))
        count //= WIDTH
        level += 1
    return positions


@dataclass(slots=True)
class Edge:
    """The right edge of a tree of ``size`` leaves; ``tiles`` hold concatenated hashes."""

    size: int = 0
    tiles: dict[TilePosition, bytearray] = field(default_factory=dict)

    @classmethod
    def of(cls, size: int, tiles: Mapping[TilePosition, bytes]) -> "Edge":
        """Returns the edge from stored tiles.

        Raises:
            ValueError: when a tile is missing, or too short for the size.
        """
        for level, position in last_tiles(size):
            width = min(WIDTH, (size >> HEIGHT * level) - WIDTH * position)
            if len(tiles.get((level, position), b"")) < _HASH * width:
                raise ValueError(f"tile {position} of level {level} is missing or too short")
        return cls(
            size,
            {
                (level, position): bytearray(
                    tiles[level, position][: _HASH * ((size >> HEIGHT * level) - WIDTH * position)]
                )
                for level, position in last_tiles(size)
            },
        )

    def append(self, leaves: Iterable[bytes]) -> set[TilePosition]:
        """Adds leaf hashes; returns the changed tiles."""
        changed: set[TilePosition] = set()
        for leaf in leaves:
            self._put(0, self.size, leaf, changed)
            self.size += 1
        return changed

    def head(self) -> bytes:
        """Returns the tree head (RFC 6962)."""
        return merkle.head(self.node, self.size)

    def node(self, level: int, index: int) -> bytes:
        """Returns the hash of a whole subtree, from the tiles of the edge.

        Raises:
            KeyError: when its tile is not one of them.
        """
        return node_in(self.tiles, level, index)

    def _put(self, level: int, index: int, value: bytes, changed: set[TilePosition]) -> None:
        tile_position = (level, index // WIDTH)
        tile = self.tiles.setdefault(tile_position, bytearray())
        tile += value
        changed.add(tile_position)
        if len(tile) == WIDTH * _HASH:
            self._put(level + 1, tile_position[1], _subtree(tile, 0, HEIGHT), changed)


def tile_of(level: int, index: int) -> TilePosition:
    """Returns the tile that holds the hash of a subtree, or the hashes that give it."""
    tile, rest = divmod(level, HEIGHT)
    return tile, (index << rest) // WIDTH


def node_in(tiles: Mapping[TilePosition, bytes | bytearray], level: int, index: int) -> bytes:
    """Returns the hash of a whole subtree.

    Raises:
        KeyError: when its tile is not among ``tiles``.
    """
    rest = level % HEIGHT
    return _subtree(tiles[tile_of(level, index)], (index << rest) % WIDTH, rest)


def _subtree(tile: bytes | bytearray, first: int, height: int) -> bytes:
    row = [
        bytes(tile[at : at + _HASH])
        for at in range(first * _HASH, (first + (1 << height)) * _HASH, _HASH)
    ]
    if len(row[-1]) != _HASH:
        raise KeyError(f"the tile has no {first + (1 << height)} hashes")
    while len(row) > 1:
        row = [
            merkle.node_hash(left, right) for left, right in zip(row[::2], row[1::2], strict=True)
        ]
    return row[0]
