"""AWS KMS: a key that never leaves it encrypts and decrypts.

Source: AWS Key Management Service API Reference, Encrypt, Decrypt and Common Errors; the protocol is
JSON 1.1. Every ciphertext is bound to an encryption context, which also stands in CloudTrail.
"""

import base64
import binascii
import datetime
import json
import re

from gateway.core.system.aws_sigv4 import signed
from gateway.core.system.credentials import AwsCredentials
from gateway.core.system.secrets import KekUnavailable
from gateway.key_services.http_client import (
    KeyServiceResponse,
    KeyServiceUnavailable,
    posted,
    sendable,
)
from gateway.key_services.wrapped_key import KeyReference

_CONTEXT = {"sluis": "kek"}
_LOGIN = (
    "refused the login: check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, which "
    "may have expired, the region, and this machine's clock."
)
_NO_KMS = "answered what no KMS answers; check the address."
_USELESS = "does not open kek.wrapped: that was altered, or belongs to another key. Restore it from its backup."
_WHY = {
    "AccessDeniedException": "does not allow this login to use the key: a start needs kms:Decrypt, a "
    "wrap kms:Encrypt as well, with the encryption context sluis=kek.",
    "DisabledException": "is disabled: enable the key.",
    "ExpiredTokenException": _LOGIN,
    "IncompleteSignatureException": _LOGIN,
    "IncorrectKeyException": _USELESS,
    "InvalidCiphertextException": _USELESS,
    "InvalidKeyUsageException": "does not encrypt: take a symmetric key for encryption.",
    "InvalidSignatureException": _LOGIN,
    "KMSInvalidStateException": "cannot be used in its state: when its deletion is scheduled, cancel that.",
    "MissingAuthenticationTokenException": _LOGIN,
    "NotFoundException": "is not there: it was deleted, never made, or is in another region.",
    "SignatureDoesNotMatch": _LOGIN,
    "UnrecognizedClientException": _LOGIN,
}
_PASSING = {"ThrottlingException", "LimitExceededException", "KeyUnavailableException"}


class AwsKms:
    """One symmetric key of KMS."""

    def __init__(self, place: KeyReference, login: AwsCredentials | None) -> None:
        self._place = place
        self._login = login

    async def encrypt(self, plain: bytes) -> str:
        """The ciphertext in base64, under what AWS has as the key's newest material.

        Raises:
            KekSealed: when KMS refused or is away.
        """
        sent = {"Plaintext": base64.b64encode(plain).decode()}
        return await self._asked("Encrypt", sent, "CiphertextBlob")

    async def decrypt(self, ciphertext: str) -> bytes:
        """What was encrypted, by this key and no other.

        Raises:
            KekSealed: when KMS refused or is away, or answered what no KMS answers.
        """
        text = await self._asked("Decrypt", {"CiphertextBlob": ciphertext}, "Plaintext")
        try:
            return base64.b64decode(text, validate=True)
        except binascii.Error:
            # Without the cause: that would carry what was answered.
            raise KekUnavailable(f"{self._place} {_NO_KMS}") from None

    async def _asked(self, operation: str, sent: dict[str, str], wanted: str) -> str:
        place, login = self._place, self._checked_login()
        body = json.dumps({"KeyId": place.key, "EncryptionContext": _CONTEXT, **sent}).encode()
        headers = signed(
            "POST",
            f"{place.address}/",
            body,
            login=login,
            region=place.region,
            service="kms",
            now=datetime.datetime.now(datetime.UTC),
            headers={
                "content-type": "application/x-amz-json-1.1",
                "x-amz-target": f"TrentService.{operation}",
            },
        )
        answer = await posted(place, "/", body, headers)
        if answer.status != 200:
            raise self._refusal(answer)
        if not (text := answer.text(wanted)):
            raise KekUnavailable(f"{place} {_NO_KMS}")
        return text

    def _checked_login(self) -> AwsCredentials:
        if self._login is None:
            raise KekUnavailable(f"{self._place}: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.")
        sendable("AWS_ACCESS_KEY_ID", self._login.key_id)
        sendable("AWS_SESSION_TOKEN", self._login.token)
        return self._login

    def _refusal(self, answer: KeyServiceResponse) -> KekUnavailable:
        """What to do about a refusal. Of what KMS said only a name that looks like one is shown."""
        place, status = self._place, answer.status
        kind = answer.text("__type").rpartition("#")[2]
        if kind in _PASSING or status == 429 or status >= 500:
            return KeyServiceUnavailable(f"{place} does not serve now ({status}): try later.")
        if kind in _WHY:
            return KekUnavailable(f"{place} {_WHY[kind]} ({kind})")
        if re.fullmatch(r"[A-Za-z]{1,60}Exception", kind):
            return KekUnavailable(f"{place} answered {kind} ({status}).")
        return KekUnavailable(f"{place} {_NO_KMS} ({status})")
