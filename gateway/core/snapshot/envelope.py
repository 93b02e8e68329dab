"""The signed envelope of a snapshot."""

import base64
import hashlib

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from gateway.core.snapshot.document import FORMAT, Snapshot


class SnapshotError(Exception):
    """The document is damaged, unsigned, inconsistent, or of another format."""


class _Envelope(msgspec.Struct, frozen=True):
    document: str
    digest: str
    signature: str


def seal(snapshot: Snapshot, key: Ed25519PrivateKey) -> tuple[bytes, str]:
    """Returns the signed envelope as bytes, and the document's digest."""
    document = msgspec.json.encode(snapshot, order="sorted")
    digest = hashlib.sha256(document).hexdigest()
    signature = base64.b64encode(key.sign(document)).decode()
    return msgspec.json.encode(_Envelope(document.decode(), digest, signature)), digest


def digest_of_document(snapshot: Snapshot) -> str:
    """Returns the digest that a snapshot has once it is sealed."""
    return hashlib.sha256(msgspec.json.encode(snapshot, order="sorted")).hexdigest()


def unseal(data: bytes, key: Ed25519PublicKey) -> tuple[Snapshot, str]:
    """Returns the snapshot in a signed envelope, and its digest.

    Raises:
        SnapshotError: when the envelope does not parse, its digest or signature does not match, or
            its format is unknown to this version.
    """
    try:
        envelope = msgspec.json.decode(data, type=_Envelope)
        document = envelope.document.encode()
        key.verify(base64.b64decode(envelope.signature, validate=True), document)
        if hashlib.sha256(document).hexdigest() != envelope.digest:
            raise SnapshotError("the snapshot's digest does not match its document")
        snapshot = msgspec.json.decode(document, type=Snapshot)
    except (msgspec.MsgspecError, ValueError, InvalidSignature) as error:
        raise SnapshotError(f"the snapshot cannot be trusted: {type(error).__name__}") from error
    if snapshot.version != FORMAT:
        raise SnapshotError(f"snapshot format {snapshot.version}; this version reads {FORMAT}")
    return snapshot, envelope.digest
