"""Stored values of redaction, each encrypted under its own key.

A value and its key are rows of two tables. Destroying the keys with a person's identifier erases
that person's values, while the entry and its other values stay unchanged.
"""

import os

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

VALUE_COLUMNS = ("log", "seq", "id", "scope", "type", "expires", "ciphertext")
KEY_COLUMNS = ("log", "seq", "id", "identifier", "created", "expires", "wrapped")
MENTION_COLUMNS = ("identifier", "log", "seq", "time")
MAX_LOADED = 500
LOAD = f"""
SELECT v.id, v.type, v.ciphertext, k.wrapped FROM vault_value v
JOIN value_key k ON k.log = v.log AND k.seq = v.seq AND k.id = v.id
WHERE v.scope = {{scope}} AND v.expires > {{now}} ORDER BY k.created DESC LIMIT {MAX_LOADED}
"""
Values = dict[str, tuple[str, str]]  # placeholder id to type and value
Row = tuple[str, str, bytes, bytes]


class RedactedValue(msgspec.Struct, frozen=True):
    """A redacted value, its placeholder's id, and the identifier of its person."""

    id: str
    type: str
    value: str
    identifier: str

    def __repr__(self) -> str:
        """Without content: it must not reach a log."""
        return f"RedactedValue(id={self.id!r}, type={self.type!r})"


class VaultWrite(msgspec.Struct, frozen=True):
    """Values of a scope, stored together with an entry, and the persons that it mentions.

    ``expires`` is epoch milliseconds; ``scope`` and ``mentions`` are keyed one-way names.
    """

    scope: str
    expires: int
    values: list[RedactedValue]
    mentions: tuple[str, ...]


class StoredValue(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A value with its wrapped key. Times are epoch milliseconds."""

    seq: int
    id: str
    scope: str
    type: str
    identifier: str
    created: int
    expires: int
    ciphertext: bytes
    wrapped: bytes


class Mention(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The persons that an entry mentions."""

    seq: int
    time: int
    identifiers: tuple[str, ...]


class ValueCipher:
    """Encrypts and decrypts values. A ciphertext is bound to its scope and id."""

    def __init__(self, kek: bytes) -> None:
        self._kek = AESGCM(kek)

    def seal(self, redacted: RedactedValue, *, scope: str) -> tuple[bytes, bytes]:
        """Returns the value's ciphertext and its wrapped key."""
        fresh = os.urandom(32 + 12 + 12)
        key, first, second = fresh[:32], fresh[32:44], fresh[44:]
        data = redacted.value.encode("utf-8", "surrogatepass")
        ciphertext = first + AESGCM(key).encrypt(
            first, data, _bound_to("value", scope, redacted.id)
        )
        wrapped = second + self._kek.encrypt(second, key, _bound_to("key", scope, redacted.id))
        return ciphertext, wrapped

    def seal_all(self, write: VaultWrite, seq: int, created: int) -> list[StoredValue]:
        """Returns the encrypted values of an entry; ``created`` is epoch milliseconds."""
        return [
            StoredValue(
                seq,
                value.id,
                write.scope,
                value.type,
                value.identifier,
                created,
                write.expires,
                *self.seal(value, scope=write.scope),
            )
            for value in write.values
        ]

    def open_all(self, rows: list[Row], *, scope: str) -> Values:
        """Decrypts rows of ``LOAD``; leaves out a row that does not decrypt."""
        opened: Values = {}
        for id_, type_, ciphertext, wrapped in rows:
            try:
                key = self._open(wrapped, _bound_to("key", scope, id_))
                data = AESGCM(key).decrypt(
                    ciphertext[:12], ciphertext[12:], _bound_to("value", scope, id_)
                )
            except InvalidTag:
                continue
            opened.setdefault(id_, (type_, data.decode("utf-8", "surrogatepass")))
        return opened

    def _open(self, data: bytes, bound_to: bytes) -> bytes:
        return self._kek.decrypt(data[:12], data[12:], bound_to)


def _bound_to(what: str, scope: str, id_: str) -> bytes:
    return f"sluis vault {what} v1/{scope}/{id_}".encode()
