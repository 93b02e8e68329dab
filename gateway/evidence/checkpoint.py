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
        """As it is written."""
        return f"{self.body}\n{''.join(self.lines)}"


@dataclass(frozen=True, slots=True)
class CheckpointBody:
    """What a checkpoint says: the log, the number of entries and the tree head."""

    origin: str
    size: int
    root: bytes


def key_id(name: str, public: bytes, kind: bytes = ED25519) -> bytes:
    """The first four bytes that name a key in a signed note."""
    return hashlib.sha256(name.encode() + b"\n" + kind + public).digest()[:_KEY_ID]


def origin_of(public: bytes) -> str:
    """The name of the log whose first key this is."""
    return f"sluis.audit/{public.hex()[:16]}"


def signature_line(body: str, *, name: str, key: Ed25519PrivateKey) -> str:
    """One signature over the body of a note."""
    signature = key_id(name, key.public_key().public_bytes_raw()) + key.sign(body.encode())
    return f"{_DASH}{name} {base64.b64encode(signature).decode()}\n"


def signed_note(body: str, *, name: str, key: Ed25519PrivateKey) -> str:
    """A note: the body, an empty line, and one signature line."""
    return str(SignedNote(body, (signature_line(body, name=name, key=key),)))


def checkpoint(*, origin: str, size: int, root: bytes, key: Ed25519PrivateKey) -> str:
    """A signed statement of size and root of the tree at ``origin``."""
    body = f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n"
    return signed_note(body, name=origin, key=key)


def notes_in(text: str) -> Iterator[SignedNote]:
    """The notes of a text in which they stand one after another; what is none is passed over."""
    body: list[str] = []
    lines: list[str] = []
    ended = False  # the empty line behind the body was seen
    for line in (*text.split("\n"), ""):
        if ended and line.startswith(_DASH):
            lines.append(f"{line}\n")
            continue
        if lines:
            yield SignedNote("".join(body), tuple(lines))
        if lines or (ended and line):
            body, lines, ended = [], [], False
        if line:
            body.append(f"{line}\n")
        else:
            ended = bool(body)


def signatures_of(note: SignedNote, name: str, public: bytes, kind: bytes) -> Iterator[bytes]:
    """The signatures that say they are of that name and key; whether they hold is not known yet."""
    wanted = key_id(name, public, kind)
    for line in note.lines:
        signer, _, encoded = line.removeprefix(_DASH).strip().rpartition(" ")
        try:
            blob = base64.b64decode(encoded, validate=True)
        except ValueError:
            continue
        if signer == name and blob[:_KEY_ID] == wanted:
            yield blob[_KEY_ID:]


def holds(public: bytes, signature: bytes, message: bytes) -> bool:
    """Whether an Ed25519 signature is good."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def signed_by(note: SignedNote, name: str, public: bytes) -> bool:
    """Whether a note has a good signature of that name and key."""
    return any(
        holds(public, signature, note.body.encode())
        for signature in signatures_of(note, name, public, ED25519)
    )


def stated(note: SignedNote) -> CheckpointBody:
    """What a checkpoint says, believed or not.

    Raises:
        ValueError: when it is no checkpoint.
    """
    origin, size, root, *_ = note.body.split("\n")
    if not size.isascii() or not size.isdigit():
        raise ValueError("the size is no number")
    return CheckpointBody(origin, int(size), base64.b64decode(root, validate=True))


def opened(text: str, *, origin: str, keys: Iterable[bytes]) -> CheckpointBody:
    """What a checkpoint says, once it is of that log and one of its keys has signed it.

    Raises:
        ValueError: when it is not.
    """
    note = next(notes_in(text), None)
    if note is None:
        raise ValueError("no signed note")
    found = stated(note)
    if found.origin != origin or not any(signed_by(note, origin, key) for key in keys):
        raise ValueError("not signed by a key of this log")
    return found
