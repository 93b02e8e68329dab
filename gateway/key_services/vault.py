"""Vault's transit engine (and OpenBao's) encrypts and decrypts with a key that never leaves it.

Source: HashiCorp, "Transit secrets engine (API)", encrypt data and decrypt data; statuses and
errors from "HTTP API". ``associated_data`` is not used: servers before 1.13 ignore it silently, and
after an upgrade they would not decrypt their own ciphertexts.
"""

import base64
import binascii
import json

from gateway.core.system.credentials import VaultCredentials
from gateway.core.system.secrets import KekUnavailable
from gateway.key_services.http_client import (
    KeyServiceResponse,
    KeyServiceUnavailable,
    header_value,
    post,
)
from gateway.key_services.wrapped_key import KeyReference


class VaultTransit:
    """One key of one transit engine."""

    def __init__(self, reference: KeyReference, credentials: VaultCredentials) -> None:
        self._reference = reference
        self._credentials = credentials

    async def encrypt(self, plain: bytes) -> str:
        """Returns the ciphertext under the newest version of the key, as ``vault:vN:…``.

        Raises:
            KekUnavailable: when Vault refuses or is unavailable.
        """
        fields = {"plaintext": base64.b64encode(plain).decode()}
        return await self._call("encrypt", fields, "ciphertext")

    async def decrypt(self, ciphertext: str) -> bytes:
        """Returns the plaintext.

        Raises:
            KekUnavailable: when Vault refuses or is unavailable, or the response is not Vault's.
        """
        text = await self._call("decrypt", {"ciphertext": ciphertext}, "plaintext")
        try:
            return base64.b64decode(text, validate=True)
        except binascii.Error:
            # Without the cause, which holds the response.
            raise KekUnavailable(f"{self._reference} {_NOT_A_VAULT}") from None

    async def _call(self, verb: str, fields: dict[str, str], field: str) -> str:
        headers = {
            "content-type": "application/json",
            "x-vault-request": "true",
            "x-vault-token": self._token(),
        }
        if self._credentials.namespace:
            headers["x-vault-namespace"] = header_value(
                "VAULT_NAMESPACE", self._credentials.namespace
            )
        reference = self._reference
        path = f"/v1/{reference.mount}/{verb}/{reference.key}"
        body = json.dumps(fields).encode()
        response = await post(reference, path, body, headers, ca=self._credentials.ca)
        if response.status != 200:
            raise self._refusal(verb, response)
        if not (text := response.text("data", field)):
            raise KekUnavailable(f"{reference} {_NOT_A_VAULT}")
        return text

    def _token(self) -> str:
        token, file = self._credentials.token, self._credentials.token_file
        if not token and file:
            try:
                token = file.read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError):
                raise KekUnavailable(f"VAULT_TOKEN_FILE: {file} cannot be read.") from None
        if not token:
            raise KekUnavailable(
                f"{self._reference}: set VAULT_TOKEN, or VAULT_TOKEN_FILE to a file with a token."
            )
        return header_value("The token of Vault", token)

    def _refusal(self, verb: str, response: KeyServiceResponse) -> KekUnavailable:
        """Returns what to do about a refusal. Vault's own texts are matched but not shown."""
        reference, status = self._reference, response.status
        reported_errors = str(response.document.get("errors", "")).lower()
        if status == 503 and "sealed" in reported_errors:
            return KeyServiceUnavailable(f"{reference} is sealed: unseal it.")
        if status in {412, 429, 472, 473} or status >= 500:
            return KeyServiceUnavailable(
                f"{reference} does not serve now ({status}): see its own log."
            )
        if status == 403:
            return KekUnavailable(
                f"{reference} refused the token (403): it has expired, its policy does not allow "
                f"update on {reference.mount}/{verb}/{reference.key}, or there is no such key. "
                "Give one that may in VAULT_TOKEN or VAULT_TOKEN_FILE."
            )
        if status == 404:
            return KekUnavailable(
                f"{reference}: there is no transit engine (404); check the mount and "
                "VAULT_NAMESPACE."
            )
        if status == 400 and "not found" in reported_errors:
            return KekUnavailable(f"{reference} is not there (400): it was deleted, or never made.")
        if status == 400 and "disallowed by policy" in reported_errors:
            return KekUnavailable(
                f"{reference} no longer decrypts the version that wraps the key: lower its "
                "min_decryption_version, run `sluis secrets rewrap`, and raise it again."
            )
        if status == 400:
            return KekUnavailable(f"{reference} {_REFUSED_INPUT[verb]}")
        return KekUnavailable(f"{reference} {_NOT_A_VAULT} ({status})")


_NOT_A_VAULT = "answered what no Vault answers; check the address."
_REFUSED_INPUT = {
    "encrypt": "does not encrypt (400): take a key of the type aes256-gcm96, without derivation.",
    "decrypt": "does not open kek.wrapped (400): that was altered, or belongs to another key of "
    "this name. Restore it from its backup.",
}
