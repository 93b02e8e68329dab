"""The protocol between a detector process and its pool: a length, then that many bytes.

The process first sends its version. Then each message is a ``ScanRequest``, and its answer a list
of ``Entity`` for each passage, both in MessagePack.
"""

import struct
from collections.abc import Iterable

import msgspec

LENGTH = struct.Struct("<I")
NO_NAME = "NOBODY"  # the type of a stretch without a name
CONTENT = "content:"  # begins the type of an attack or a request for harm


class Entity(msgspec.Struct, frozen=True, array_like=True):
    """A finding of the classifier tier: code-point offsets, type, and a score from 0 to 1."""

    start: int
    end: int
    type: str
    score: float


def content_of(entities: Iterable[Entity]) -> dict[str, float]:
    """The probabilities of attacks and harm among the findings, by category."""
    found: dict[str, float] = {}
    for one in entities:
        if one.type.startswith(CONTENT):
            name = one.type.removeprefix(CONTENT)
            found[name] = max(one.score, found.get(name, 0.0))
    return found


class Passage(msgspec.Struct, frozen=True, array_like=True):
    """A text, or a part of one with ``context`` characters that come before that part.

    ``text`` is UTF-8, in which a lone surrogate may occur. Offsets of entities are of the part.
    ``judged``: it is read for attacks and harm too.
    """

    text: bytes
    context: int
    partial: bool
    judged: bool


class ScanRequest(msgspec.Struct, frozen=True, array_like=True):
    """Passages that a process reads one after another, each by itself."""

    passages: list[Passage]
