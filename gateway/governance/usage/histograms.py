"""Histograms as they are stored: pairs of bucket and count, each in four bytes."""

import struct
from collections.abc import Iterable, Mapping

import numpy as np

_BYTES = 4
_PAIR = np.dtype([("bucket", "<u4"), ("count", "<u4")])
# One value of SQL from the column of several rows, in hexadecimal digits, by dialect.
JOINED = {
    "sqlite": "group_concat(hex({column}), '')",
    "postgresql": "string_agg(encode({column}, 'hex'), '')",
}


def pack(counts: Mapping[int, int]) -> bytes:
    """A histogram without its empty buckets."""
    numbers = [number for pair in sorted(counts.items()) if pair[1] for number in pair]
    return struct.pack(f"<{len(numbers)}I", *numbers)


def unpack(packed: bytes) -> Iterable[tuple[int, int]]:
    """The buckets of a histogram with their counts."""
    numbers = struct.unpack(f"<{len(packed) // _BYTES}I", packed)
    return zip(numbers[::2], numbers[1::2], strict=True)


def sum_of(joined: str) -> dict[int, int]:
    """The sum of histograms, from the hexadecimal digits of one after the other."""
    pairs = np.frombuffer(bytes.fromhex(joined), _PAIR)
    buckets, places = np.unique(pairs["bucket"], return_inverse=True)
    counts = np.zeros(len(buckets), np.int64)
    np.add.at(counts, places, pairs["count"])
    return dict(zip(buckets.tolist(), counts.tolist(), strict=True))
