"""AWS KMS encrypts and decrypts with a key that never leaves it.

Source: AWS Key Management Service API Reference, Encrypt, Decrypt and Common Errors; the protocol
is JSON 1.1. Every ciphertext is bound to an encryption context, which CloudTrail logs as well.
"""

import base64
import binascii
import datetime
import json
import re

from gateway.core.system.aws_sigv4 import signed_headers
from gateway.core.system.credentials import AwsCredentials
from gateway.core.system.secrets import KekUnavailable
from gateway.key_services.http_client import (
    KeyServiceResponse,
    KeyServiceUnavailable,
    header_value,
    post,
)
from gateway.key_services.wrapped_key import KeyReference

_CONTEXT = {"sluis": "kek"}
_LOGIN = (
    "refused the login: check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, "
    "which may have expired, the region, and this machine's clock."
)
_NOT_A_KMS = "answered what no KMS answers; check the address."
_REFUSED_INPUT = (
    "does not open kek.wrapped: that was altered, or belongs to another key. Restore it from its "
    "backup."
)
_REFUSALS = {
    "AccessDeniedException": "does not allow this login to use the key: a start needs kms:Decrypt, "
    "a wrap kms:Encrypt as well, with the encryption context sluis=kek.",
    "DisabledException": "is disabled: enable the key.",
    "ExpiredTokenException": _LOGIN,
    "IncompleteSignatureException": _LOGIN,
    "IncorrectKeyException": _REFUSED_INPUT,
    "InvalidCiphertextException": _REFUSED_INPUT,
    "InvalidKeyUsageException": "does not encrypt: take a symmetric key for encryption.",
    "InvalidSignatureException": _LOGIN,
    "KMSInvalidStateException": "cannot be used in its state: when its deletion is scheduled, "
    "cancel that.",
    "MissingAuthenticationTokenException": _LOGIN,
    "NotFoundException": "is not there: it was deleted, never made, or is in another region.",
    "SignatureDoesNotMatch": _LOGIN,
    "UnrecognizedClientException": _LOGIN,
}
_TEMPORARY = {"ThrottlingException", "LimitExceededException", "KeyUnavailableException"}


class AwsKms:
    """One symmetric key of KMS."""

    def __init__(self, reference: KeyReference, credentials: AwsCredentials | None) -> None:
        self._reference = reference
        self._credentials = credentials

    async def encrypt(self, plain: bytes) -> str:
        """Returns the ciphertext in base64, under the key's newest material.

        Raises:
            KekUnavailable: when KMS refuses or is unavailable.
        """
        fields = {"Plaintext": base64.b64encode(plain).decode()}
        return await self._call("Encrypt", fields, "CiphertextBlob")

    async def decrypt(self, ciphertext: str) -> bytes:
        """Returns the plaintext of a ciphertext of this key.

        Raises:
            KekUnavailable: when KMS refuses or is unavailable, or the response is not that of KMS.
        """
        text = await self._call("Decrypt", {"CiphertextBlob": ciphertext}, "Plaintext")
        try:
            return base64.b64decode(text, validate=True)
        except binascii.Error:
            # Without the cause, which holds the response.
            raise KekUnavailable(f"{self._reference} {_NOT_A_KMS}") from None

    async def _call(self, operation: str, fields: dict[str, str], field: str) -> str:
        reference, credentials = self._reference, self._checked_credentials()
        body = json.dumps({
            "KeyId": reference.key,
            "EncryptionContext": _CONTEXT,
            **fields,
        }).encode()
        headers = signed_headers(
            "POST",
            f"{reference.address}/",
            body,
            credentials=credentials,
            region=reference.region,
            service="kms",
            now=datetime.datetime.now(datetime.UTC),
            headers={
                "content-type": "application/x-amz-json-1.1",
                "x-amz-target": f"TrentService.{operation}",
            },
        )
        response = await post(reference, "/", body, headers)
        if response.status != 200:
            raise self._refusal(response)
        if not (text := response.text(field)):
            raise KekUnavailable(f"{reference} {_NOT_A_KMS}")
        return text

    def _checked_credentials(self) -> AwsCredentials:
        if self._credentials is None:
            raise KekUnavailable(
                f"{self._reference}: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
            )
        header_value("AWS_ACCESS_KEY_ID", self._credentials.key_id)
        header_value("AWS_SESSION_TOKEN", self._credentials.token)
        return self._credentials

    def _refusal(self, response: KeyServiceResponse) -> KekUnavailable:
        """Returns what to do about a refusal. Of the response it shows an exception's name only."""
        reference, status = self._reference, response.status
        kind = response.text("__type").rpartition("#")[2]
        if kind in _TEMPORARY or status == 429 or status >= 500:
            return KeyServiceUnavailable(f"{reference} does not serve now ({status}): try later.")
        if kind in _REFUSALS:
            return KekUnavailable(f"{reference} {_REFUSALS[kind]} ({kind})")
        if re.fullmatch(r"[A-Za-z]{1,60}Exception", kind):
            return KekUnavailable(f"{reference} answered {kind} ({status}).")
        return KekUnavailable(f"{reference} {_NOT_A_KMS} ({status})")
