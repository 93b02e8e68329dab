"""A stand-in for HashiCorp Vault's transit engine, not a real one: it speaks its wire format.

It really encrypts (AES-256-GCM, a key a version), and refuses as Vault's source does: statuses and
the words under ``errors`` are those of builtin/logical/transit and of vault's HTTP layer.
"""

import base64
import json
import os
import ssl
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tests.support.key_service import Answer, KeyServiceStandIn

TOKEN = "hvs.CANARYTOKENCANARYTOKENCANARY"


@dataclass
class Key:
    """A named key; the last version encrypts."""

    versions: list[bytes] = field(default_factory=lambda: [os.urandom(32)])
    min_decryption_version: int = 1

    def rotate(self) -> None:
        self.versions.append(os.urandom(32))


class VaultTransit(KeyServiceStandIn):
    """One transit engine at ``mount`` in ``namespace``, and ``token``, which may use every key."""

    def __init__(self, *, port: int = 0, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(port=port, tls=tls)
        self.keys = {"sluis": Key()}
        self.mount = "transit"
        self.namespace = ""
        self.token = TOKEN
        self.sealed = False

    def answered(self, path: str, headers: dict[str, str], body: bytes) -> Answer:
        if self.sealed:
            return _refused(503, "Vault is sealed")
        if headers.get("x-vault-token") != self.token:
            return _refused(403, "permission denied")
        namespace = headers.get("x-vault-namespace", "")
        route, _, name = path.rpartition("/")
        root, _, verb = route.rpartition("/")
        known = (f"/v1/{self.mount}", self.namespace)
        if (root, namespace) != known or verb not in {"encrypt", "decrypt"}:
            return _refused(404, f"no handler for route {path!r}. route entry not found.")
        return self._worked(verb, name, json.loads(body))

    def _worked(self, verb: str, name: str, sent: dict[str, str]) -> Answer:
        key = self.keys.get(name)
        if verb == "encrypt":
            if key is None:  # a policy without create: it may not make the key either
                return _refused(403, "1 error occurred:\n\t* permission denied\n\n")
            return self._encrypted(key, sent)
        if key is None:
            return _refused(400, "encryption key not found")
        return self._decrypted(key, sent)

    def _encrypted(self, key: Key, sent: dict[str, str]) -> Answer:
        assert set(sent) == {"plaintext"}
        plain, nonce = base64.b64decode(sent["plaintext"], validate=True), os.urandom(12)
        sealed = nonce + AESGCM(key.versions[-1]).encrypt(nonce, plain, None)
        version = len(key.versions)
        text = f"vault:v{version}:{base64.b64encode(sealed).decode()}"
        return _given(ciphertext=text, key_version=version)

    def _decrypted(self, key: Key, sent: dict[str, str]) -> Answer:
        assert set(sent) == {"ciphertext"}
        prefix, version, text = sent["ciphertext"].split(":")
        assert prefix == "vault"
        number = int(version.removeprefix("v"))
        if number > len(key.versions):
            return _refused(400, "invalid ciphertext: version is too new")
        if number < key.min_decryption_version:
            return _refused(
                400, "ciphertext or signature version is disallowed by policy (too old)"
            )
        sealed = base64.b64decode(text)
        try:
            plain = AESGCM(key.versions[number - 1]).decrypt(sealed[:12], sealed[12:], None)
        except (InvalidTag, ValueError):
            return _refused(400, "invalid ciphertext: unable to decrypt")
        return _given(plaintext=base64.b64encode(plain).decode())


def _given(**data: object) -> Answer:
    rest = {"lease_id": "", "renewable": False, "lease_duration": 0, "wrap_info": None}
    return 200, {"request_id": "stand-in", "data": data, "warnings": None, "auth": None, **rest}


def _refused(status: int, *errors: str) -> Answer:
    return status, {"errors": list(errors)}
