"""Signed tree heads in the C2SP tlog-checkpoint and signed-note formats."""

import base64
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519 = b"\x01"
_DASH = "— "
_KEY_ID = 4


@dataclass(frozen=True, slots=True)
class SignedNote:
    """A text and its signature lines: ``body`` and each line end in a newline."""

    body: str
    lines: tuple[str, ...]

    def __str__(self) -> str:
        """Returns the note's text."""
        return f"{self.body}\n{''.join(self.lines)}"


@dataclass(frozen=True, slots=True)
class CheckpointBody:
    """The content of a checkpoint: the log's name, the number of entries and the tree head."""

    origin: str
    size: int
    root: bytes


def key_id(name: str, public: bytes, kind: bytes = ED25519) -> bytes:
    """Returns the four bytes that identify a key in a signed note."""
    return hashlib.sha256(name.encode() + b"\n" + kind + public).digest()[:_KEY_ID]


def origin_of(public: bytes) -> str:
    """Returns the name of the log with this first key."""
    return f"sluis.audit/{public.hex()[:16]}"


def signature_line(body: str, *, name: str, key: Ed25519PrivateKey) -> str:
    """Signs the body of a note; returns the signature line."""
    signature = key_id(name, key.public_key().public_bytes_raw()) + key.sign(body.encode())
    return f"{_DASH}{name} {base64.b64encode(signature).decode()}\n"


def signed_note(body: str, *, name: str, key: Ed25519PrivateKey) -> str:
    """Returns a note: the body, an empty line, and one signature line."""
    return str(SignedNote(body, (signature_line(body, name=name, key=key),)))


def checkpoint(*, origin: str, size: int, root: bytes, key: Ed25519PrivateKey) -> str:
    """Returns a checkpoint: size and root of the tree of ``origin``, signed."""
    body = f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n"
    return signed_note(body, name=origin, key=key)


def parse_notes(text: str) -> Iterator[SignedNote]:
    """Yields the notes of a text that holds them one after another; skips all other lines."""
    body: list[str] = []
    lines: list[str] = []
    body_ended = False  # by the empty line after the body
    for line in (*text.split("\n"), ""):
        if body_ended and line.startswith(_DASH):
            lines.append(f"{line}\n")
            continue
        if lines:
            yield SignedNote("".join(body), tuple(lines))
        if lines or (body_ended and line):
            body, lines, body_ended = [], [], False
        if line:
            body.append(f"{line}\n")
        else:
            body_ended = bool(body)


def from_base64(encoded: str) -> bytes:
    """Decodes base64 (RFC 4648, section 3.5) in its one canonical form.

    Raises:
        ValueError: when it is another text, which a decoder would give the same bytes for.
    """
    decoded = base64.b64decode(encoded, validate=True)
    if base64.b64encode(decoded).decode() != encoded:
        raise ValueError("the last character has bits that say nothing")
    return decoded


def signatures_of(note: SignedNote, name: str, public: bytes, kind: bytes) -> Iterator[bytes]:
    """Yields the signatures that claim this name and key; they are not verified yet."""
    expected_id = key_id(name, public, kind)
    for line in note.lines:
        signer, _, encoded = line.removeprefix(_DASH).strip().rpartition(" ")
        try:
            blob = from_base64(encoded)
        except ValueError:
            continue
        if signer == name and blob[:_KEY_ID] == expected_id:
            yield blob[_KEY_ID:]


def signature_is_valid(public: bytes, signature: bytes, message: bytes) -> bool:
    """Returns whether an Ed25519 signature is valid."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def is_signed_by(note: SignedNote, name: str, public: bytes) -> bool:
    """Returns whether a note has a valid signature of that name and key."""
    return any(
        signature_is_valid(public, signature, note.body.encode())
        for signature in signatures_of(note, name, public, ED25519)
    )


def parse_checkpoint(note: SignedNote) -> CheckpointBody:
    """Parses a checkpoint without verifying its signatures.

    Raises:
        ValueError: when it is not a checkpoint.
    """
    origin, size, root, *_ = note.body.split("\n")
    if not size.isascii() or not size.isdigit():
        raise ValueError("the size is not a number")
    return CheckpointBody(origin, int(size), from_base64(root))


def verify_checkpoint(text: str, *, origin: str, keys: Iterable[bytes]) -> CheckpointBody:
    """Parses a checkpoint and verifies that it is one of this log, signed by one of its keys.

    Raises:
        ValueError: when it is not.
    """
    note = next(parse_notes(text), None)
    if note is None:
        raise ValueError("no signed note")
    checkpoint_body = parse_checkpoint(note)
    if checkpoint_body.origin != origin or not any(is_signed_by(note, origin, key) for key in keys):
        raise ValueError("not signed by a key of this log")
    return checkpoint_body
