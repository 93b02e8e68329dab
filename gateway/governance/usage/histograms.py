"""Histograms as they are stored: pairs of bucket and count, each in four bytes."""

import struct
from collections.abc import Iterable, Mapping

_BYTES = 4


def pack(counts: Mapping[int, int]) -> bytes:
    """A histogram without its empty buckets."""
    numbers = [number for pair in sorted(counts.items()) if pair[1] for number in pair]
    return struct.pack(f"<{len(numbers)}I", *numbers)


def unpack(packed: bytes) -> Iterable[tuple[int, int]]:
    """The buckets of a histogram with their counts."""
    numbers = struct.unpack(f"<{len(packed) // _BYTES}I", packed)
    return zip(numbers[::2], numbers[1::2], strict=True)
