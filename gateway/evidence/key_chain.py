"""Rotation of signing keys: a note that the old key and the new one both sign.

The holder of any key of a chain can verify the others. A chain may branch where a key was made and
never used. It has one first key, which names the log permanently.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.evidence.checkpoint import (
    SignedNote,
    is_signed_by,
    origin_of,
    parse_notes,
    signature_line,
)

_SUFFIX = "/signing-key"
_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class KeyRotation:
    """A rotation from the public key ``old`` to ``new``."""

    origin: str
    old: bytes
    new: bytes


@dataclass(frozen=True, slots=True)
class Chain:
    """All public keys of one log, and the log's name."""

    origin: str
    keys: frozenset[bytes]


def rotation_note(*, origin: str, old: Ed25519PrivateKey, new: Ed25519PrivateKey, time: int) -> str:
    """Returns the signed note of a rotation; ``time`` is epoch seconds."""
    publics = [key.public_key().public_bytes_raw().hex() for key in (old, new)]
    body = f"{origin}{_SUFFIX}\nold {publics[0]}\nnew {publics[1]}\ntime {time}\n"
    return str(
        SignedNote(body, tuple(signature_line(body, name=origin, key=key) for key in (old, new)))
    )


def parse_rotation(note: SignedNote) -> KeyRotation:
    """Parses a rotation note and verifies both signatures.

    Raises:
        ValueError: when it is not one, or a signature is not valid.
    """
    head, old_hex_line, new_hex_line, *_ = note.body.split("\n")
    origin = head.removesuffix(_SUFFIX)
    old = bytes.fromhex(old_hex_line.removeprefix("old "))
    new = bytes.fromhex(new_hex_line.removeprefix("new "))
    if origin == head or len(old) != _KEY_BYTES or len(new) != _KEY_BYTES:
        raise ValueError("not a link between two keys")
    if not all(is_signed_by(note, origin, key) for key in (old, new)):
        raise ValueError("a link between two keys lacks a good signature")
    return KeyRotation(origin, old, new)


def chain_of(own: bytes, notes: Iterable[str]) -> Chain:
    """Returns the chain of keys that ``own`` belongs to.

    Raises:
        ValueError: when a rotation is not valid, or is of another log.
    """
    rotations = [parse_rotation(note) for text in notes for note in parse_notes(text)]
    keys, known_count = {own}, 0
    while len(keys) > known_count:
        known_count = len(keys)
        for rotation in rotations:
            if keys & {rotation.old, rotation.new}:
                keys |= {rotation.old, rotation.new}
    first_keys = keys - {rotation.new for rotation in rotations}
    if len(first_keys) != 1:
        raise ValueError("the links between the keys have no one beginning")
    origin = origin_of(first_keys.pop())
    if any(rotation.origin != origin for rotation in rotations if rotation.old in keys):
        raise ValueError("a link between two keys is of another log")
    return Chain(origin, frozenset(keys))
