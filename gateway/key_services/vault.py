"""Vault's transit engine (and OpenBao's): a key that never leaves Vault encrypts and decrypts.

Source: HashiCorp, "Transit secrets engine (API)", encrypt data and decrypt data; statuses and errors
from "HTTP API". ``associated_data`` is not used: servers before 1.13 pass over it without a word, and
what such a one encrypted would not be decrypted after its upgrade.
"""

import base64
import binascii
import json

from gateway.core.system.credentials import VaultCredentials
from gateway.core.system.secrets import KekUnavailable
from gateway.key_services.http_client import (
    KeyServiceResponse,
    KeyServiceUnavailable,
    posted,
    sendable,
)
from gateway.key_services.wrapped_key import KeyReference


class VaultTransit:
    """One key of one transit engine."""

    def __init__(self, place: KeyReference, login: VaultCredentials) -> None:
        self._place = place
        self._login = login

    async def encrypt(self, plain: bytes) -> str:
        """The ciphertext under the newest version of the key, as ``vault:vN:…``.

        Raises:
            KekSealed: when Vault refused or is away.
        """
        sent = {"plaintext": base64.b64encode(plain).decode()}
        return await self._asked("encrypt", sent, "ciphertext")

    async def decrypt(self, ciphertext: str) -> bytes:
        """What was encrypted.

        Raises:
            KekSealed: when Vault refused or is away, or answered what no Vault answers.
        """
        text = await self._asked("decrypt", {"ciphertext": ciphertext}, "plaintext")
        try:
            return base64.b64decode(text, validate=True)
        except binascii.Error:
            # Without the cause: that would carry what was answered.
            raise KekUnavailable(f"{self._place} {_NO_VAULT}") from None

    async def _asked(self, verb: str, sent: dict[str, str], wanted: str) -> str:
        headers = {
            "content-type": "application/json",
            "x-vault-request": "true",
            "x-vault-token": self._token(),
        }
        if self._login.namespace:
            headers["x-vault-namespace"] = sendable("VAULT_NAMESPACE", self._login.namespace)
        place = self._place
        path = f"/v1/{place.mount}/{verb}/{place.key}"
        body = json.dumps(sent).encode()
        answer = await posted(place, path, body, headers, ca=self._login.ca)
        if answer.status != 200:
            raise self._refusal(verb, answer)
        if not (text := answer.text("data", wanted)):
            raise KekUnavailable(f"{place} {_NO_VAULT}")
        return text

    def _token(self) -> str:
        token, file = self._login.token, self._login.token_file
        if not token and file:
            try:
                token = file.read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError):
                raise KekUnavailable(f"VAULT_TOKEN_FILE: {file} cannot be read.") from None
        if not token:
            raise KekUnavailable(
                f"{self._place}: set VAULT_TOKEN, or VAULT_TOKEN_FILE to a file with a token."
            )
        return sendable("The token of Vault", token)

    def _refusal(self, verb: str, answer: KeyServiceResponse) -> KekUnavailable:
        """What to do about a refusal. Vault's own words are matched only, never shown."""
        place, status = self._place, answer.status
        said = str(answer.document.get("errors", "")).lower()
        if status == 503 and "sealed" in said:
            return KeyServiceUnavailable(f"{place} is sealed: unseal it.")
        if status in {412, 429, 472, 473} or status >= 500:
            return KeyServiceUnavailable(f"{place} does not serve now ({status}): see its own log.")
        if status == 403:
            return KekUnavailable(
                f"{place} refused the token (403): it has expired, its policy does not allow update "
                f"on {place.mount}/{verb}/{place.key}, or there is no such key. Give one that may in "
                "VAULT_TOKEN or VAULT_TOKEN_FILE."
            )
        if status == 404:
            return KekUnavailable(
                f"{place}: there is no transit engine (404); check the mount and VAULT_NAMESPACE."
            )
        if status == 400 and "not found" in said:
            return KekUnavailable(f"{place} is not there (400): it was deleted, or never made.")
        if status == 400 and "disallowed by policy" in said:
            return KekUnavailable(
                f"{place} no longer decrypts the version that wraps the key: lower its "
                "min_decryption_version, run `sluis secrets rewrap`, and raise it again."
            )
        if status == 400:
            return KekUnavailable(f"{place} {_USELESS[verb]}")
        return KekUnavailable(f"{place} {_NO_VAULT} ({status})")


_NO_VAULT = "answered what no Vault answers; check the address."
_USELESS = {
    "encrypt": "does not encrypt (400): take a key of the type aes256-gcm96, without derivation.",
    "decrypt": "does not open kek.wrapped (400): that was altered, or belongs to another key of this "
    "name. Restore it from its backup.",
}
