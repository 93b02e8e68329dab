"""Signed tree heads in the C2SP tlog-checkpoint and signed-note formats."""

import base64
import hashlib

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_ED25519 = b"\x01"


def key_id(name: str, public: bytes) -> bytes:
    """The first four bytes that name a key in a signed note."""
    return hashlib.sha256(name.encode() + b"\n" + _ED25519 + public).digest()[:4]


def signed_note(body: str, *, name: str, key: Ed25519PrivateKey) -> str:
    """A note: the body, an empty line, and one signature line."""
    public = key.public_key().public_bytes_raw()
    signature = key_id(name, public) + key.sign(body.encode())
    return f"{body}\n— {name} {base64.b64encode(signature).decode()}\n"


def checkpoint(*, origin: str, size: int, root: bytes, key: Ed25519PrivateKey) -> str:
    """A signed statement of size and root of the tree at ``origin``."""
    body = f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n"
    return signed_note(body, name=origin, key=key)
