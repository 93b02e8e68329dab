"""Stored values of redaction, each encrypted under its own key.

A value and its key are rows of two tables. Destroying the keys with a person's identifier erases
that person's values, while the entry and its other values stay unchanged.
"""

import os

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.evidence.stored_answers import SealedAnswer

VALUE_COLUMNS = ("log", "seq", "id", "scope", "type", "expires", "ciphertext")
KEY_COLUMNS = ("log", "seq", "id", "identifier", "created", "expires", "wrapped")
MENTION_COLUMNS = ("identifier", "log", "seq", "time")
MAX_LOADED = 500
LOAD = f"""
SELECT v.id, v.type, v.ciphertext, k.wrapped FROM vault_value v
JOIN value_key k ON k.log = v.log AND k.seq = v.seq AND k.id = v.id
WHERE v.scope = $1 AND v.expires > $2 ORDER BY k.created DESC LIMIT {MAX_LOADED}
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
    ``answers`` are stored with the same entry, each with an end of its own.
    """

    scope: str
    expires: int
    values: list[RedactedValue]
    mentions: tuple[str, ...]
    answers: tuple[SealedAnswer, ...] = ()


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
        data = redacted.value.encode("utf-8", "surrogatepass")
        return self.seal_data(data, scope=scope, id_=redacted.id)

    def seal_all(self, write: VaultWrite, *, seq: int, time: int) -> list[StoredValue]:
        """Returns the sealed values of an entry; ``time`` is epoch milliseconds."""
        return [
            StoredValue(
                seq,
                value.id,
                write.scope,
                value.type,
                value.identifier,
                time,
                write.expires,
                *self.seal(value, scope=write.scope),
            )
            for value in write.values
        ]

    def seal_data(self, data: bytes, *, scope: str, id_: str) -> tuple[bytes, bytes]:
        """Returns the ciphertext of bytes and its wrapped key."""
        fresh = os.urandom(32 + 12 + 12)
        key, first, second = fresh[:32], fresh[32:44], fresh[44:]
        ciphertext = first + AESGCM(key).encrypt(first, data, _bound_to("value", scope, id_))
        wrapped = second + self._kek.encrypt(second, key, _bound_to("key", scope, id_))
        return ciphertext, wrapped

    def open_data(self, ciphertext: bytes, wrapped: bytes, *, scope: str, id_: str) -> bytes:
        """Decrypts bytes.

        Raises:
            InvalidTag: when the key is another one, or the place.
        """
        key = self._open(wrapped, _bound_to("key", scope, id_))
        return AESGCM(key).decrypt(ciphertext[:12], ciphertext[12:], _bound_to("value", scope, id_))

    def open_all(self, rows: list[Row], *, scope: str) -> Values:
        """Decrypts rows of ``LOAD``; leaves out a row that does not decrypt."""
        opened: Values = {}
        for id_, type_, ciphertext, wrapped in rows:
            try:
                data = self.open_data(ciphertext, wrapped, scope=scope, id_=id_)
            except InvalidTag:
                continue
            opened.setdefault(id_, (type_, data.decode("utf-8", "surrogatepass")))
        return opened

    def _open(self, data: bytes, bound_to: bytes) -> bytes:
        return self._kek.decrypt(data[:12], data[12:], bound_to)


def _bound_to(what: str, scope: str, id_: str) -> bytes:
    return f"sluis vault {what} v1/{scope}/{id_}".encode()
