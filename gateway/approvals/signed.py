"""What an identity provider signs of an approval.

The approver signs on anew for one approval. The ``nonce`` of that sign-on is the digest of what is
approved, and the identity token repeats it (OpenID Connect Core 1.0, section 3.1.2.1). So the
signature of the provider covers the approval, and neither the database nor the signing key of the
control plane can make one.
"""

import hashlib
from typing import Any

import msgspec

_DOMAIN = b"sluis approval 1\n"


class SignedApproval(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was approved, as the text whose digest is the nonce of an identity token.

    ``key`` is the JWK of the provider that verifies the token.
    """

    text: str
    token: str
    key: dict[str, Any]

    @property
    def approval(self) -> "Approval":
        """What was approved.

        Raises:
            msgspec.MsgspecError: when the text cannot be read.
        """
        return msgspec.json.decode(self.text, type=Approval)


class Approval(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who approves what of whom; ``lines`` has the digests of the new values that need it."""

    author: str
    approver: str
    proposal: str | None
    lines: dict[str, str]

    def text(self) -> str:
        """The text that is signed."""
        return msgspec.json.encode(self, order="sorted").decode()


def nonce_of(text: str) -> str:
    """The nonce of a sign-on that approves that: a SHA-256, in hexadecimal."""
    return hashlib.sha256(_DOMAIN + text.encode()).hexdigest()
