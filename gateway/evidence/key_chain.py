"""From one signing key to the next: a note that the old key and the new one both have signed.

Whoever was given any key of a chain can find the others: the old key says that it hands over, the new
one that it takes over. A chain may branch where a key was made and never used; it has one first key,
after which the log is named for good.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.evidence.checkpoint import SignedNote, notes_in, origin_of, signature_line, signed_by

_SUFFIX = "/signing-key"
_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class KeyRotation:
    """That ``new`` signs after ``old``; both are public keys."""

    origin: str
    old: bytes
    new: bytes


@dataclass(frozen=True, slots=True)
class Chain:
    """All keys that sign for one log, and the name of the log."""

    origin: str
    keys: frozenset[bytes]


def link(*, origin: str, old: Ed25519PrivateKey, new: Ed25519PrivateKey, time: int) -> str:
    """The note that hands over; ``time`` is epoch seconds."""
    publics = [key.public_key().public_bytes_raw().hex() for key in (old, new)]
    body = f"{origin}{_SUFFIX}\nold {publics[0]}\nnew {publics[1]}\ntime {time}\n"
    return str(
        SignedNote(body, tuple(signature_line(body, name=origin, key=key) for key in (old, new)))
    )


def opened_link(note: SignedNote) -> KeyRotation:
    """A link, once both signatures hold.

    Raises:
        ValueError: when it is none, or a signature does not hold.
    """
    head, old_line, new_line, *_ = note.body.split("\n")
    origin = head.removesuffix(_SUFFIX)
    old = bytes.fromhex(old_line.removeprefix("old "))
    new = bytes.fromhex(new_line.removeprefix("new "))
    if origin == head or len(old) != _KEY_BYTES or len(new) != _KEY_BYTES:
        raise ValueError("not a link between two keys")
    if not all(signed_by(note, origin, key) for key in (old, new)):
        raise ValueError("a link between two keys lacks a good signature")
    return KeyRotation(origin, old, new)


def chain_of(own: bytes, notes: Iterable[str]) -> Chain:
    """The keys that belong with ``own``.

    Raises:
        ValueError: when a link does not hold, or names another log.
    """
    links = [opened_link(note) for text in notes for note in notes_in(text)]
    keys, seen = {own}, 0
    while len(keys) > seen:
        seen = len(keys)
        for one in links:
            if keys & {one.old, one.new}:
                keys |= {one.old, one.new}
    firsts = keys - {one.new for one in links}
    if len(firsts) != 1:
        raise ValueError("the links between the keys have no one beginning")
    origin = origin_of(firsts.pop())
    if any(one.origin != origin for one in links if one.old in keys):
        raise ValueError("a link between two keys is of another log")
    return Chain(origin, frozenset(keys))
