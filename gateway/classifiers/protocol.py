"""The protocol between a detector process and its pool: a length, then that many bytes."""

import struct

import msgspec

LENGTH = struct.Struct("<I")
NO_NAME = "NOBODY"  # the type of a stretch without a name


class Entity(msgspec.Struct, frozen=True, array_like=True):
    """A finding of the classifier tier: code-point offsets, type, and a score from 0 to 1."""

    start: int
    end: int
    type: str
    score: float
