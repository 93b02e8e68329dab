"""Stored bodies: encrypted under a key per request, which is wrapped under a key per subject.

Subject keys are random and wrapped under the key-encryption key. Destroying a subject's key makes
all its payloads unreadable (GDPR article 17), while every leaf stays valid.
"""

import hashlib
import os
from collections import OrderedDict

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_MAX_SUBJECTS = 10_000
_MAX_REQUESTS = 10_000
_COMMITMENT_PREFIX = b"sluis data key v1\x00"


class PayloadLost(Exception):
    """The payload cannot be decrypted: its key was destroyed, or is another one."""


class SubjectKey(msgspec.Struct, frozen=True, array_like=True):
    """A new subject key, to be stored together with the first entry that uses it."""

    subject: str
    wrapped: bytes


class EncryptedPayload(msgspec.Struct, frozen=True):
    """Ciphertext, wrapped data key, commitment to that key, and the subject key if it is new."""

    ciphertext: bytes
    wrapped_key: bytes
    commitment: str
    new_subject_key: SubjectKey | None


class _DataKey(msgspec.Struct, frozen=True):
    cipher: AESGCM
    wrapped: bytes
    commitment: str


def _new_key(wrapper: AESGCM, bound_to: bytes) -> _DataKey:
    fresh = os.urandom(32 + 12)
    key = fresh[:32]
    wrapped = _seal(wrapper, fresh[32:], key, bound_to)
    return _DataKey(AESGCM(key), wrapped, commitment_of(key))


def _seal(cipher: AESGCM, nonce: bytes, data: bytes, bound_to: bytes) -> bytes:
    return nonce + cipher.encrypt(nonce, data, bound_to)


def _open(key: bytes, data: bytes, bound_to: bytes) -> bytes:
    try:
        return AESGCM(key).decrypt(data[:12], data[12:], bound_to)
    except (InvalidTag, ValueError) as error:  # ValueError: data that is too short
        raise PayloadLost("the payload's key does not fit") from error


class PayloadCipher:
    """Encrypts payloads of one log; one writer, not thread-safe."""

    def __init__(self, kek: bytes, log: str) -> None:
        self._kek = AESGCM(kek)
        self._log = log.encode()
        self._subjects: OrderedDict[str, AESGCM] = OrderedDict()
        # The response is encrypted under the key of its request; a second attempt has its own key.
        self._open: OrderedDict[str, _DataKey] = OrderedDict()

    def encrypt(self, body: bytes, *, subject: str, request: str) -> EncryptedPayload:
        """Encrypts a redacted body for ``subject``, bound to the audit id ``request``."""
        known = self._open.pop(request, None)
        new = None
        if known is None:
            wrapper, new = self._wrapper(subject)
            known = self._open[request] = _new_key(wrapper, request.encode())
            if len(self._open) > _MAX_REQUESTS:
                self._open.popitem(last=False)
        ciphertext = _seal(known.cipher, os.urandom(12), body, request.encode())
        return EncryptedPayload(ciphertext, known.wrapped, known.commitment, new)

    def drop_subject(self, subject: str) -> None:
        """Drops a subject's cached key, so that the next payload gets a new stored one."""
        self._subjects.pop(subject, None)

    def _wrapper(self, subject: str) -> tuple[AESGCM, SubjectKey | None]:
        known = self._subjects.get(subject)
        if known is not None:
            return known, None
        key = os.urandom(32)
        self._subjects[subject] = AESGCM(key)
        if len(self._subjects) > _MAX_SUBJECTS:
            self._subjects.popitem(last=False)
        wrapped = _seal(self._kek, os.urandom(12), key, self._log + b"/" + subject.encode())
        return self._subjects[subject], SubjectKey(subject, wrapped)


class DecryptedPayload(msgspec.Struct, frozen=True):
    """A body with its data key, to which the leaf commits."""

    key: bytes
    body: bytes

    def __repr__(self) -> str:
        """Without content: it must not reach a log."""
        return "DecryptedPayload()"


def commitment_of(key: bytes) -> str:
    """Returns a leaf's commitment to a data key: AES-GCM does not bind a ciphertext to one key."""
    return hashlib.sha256(_COMMITMENT_PREFIX + key).hexdigest()


def open_payload(
    *,
    kek: bytes,
    log: str,
    subject: str,
    request: str,
    wrapped_subject_key: bytes,
    wrapped_key: bytes,
    ciphertext: bytes,
) -> DecryptedPayload:
    """Decrypts the redacted body of one entry.

    Raises:
        PayloadLost: when a key was destroyed or does not fit.
    """
    subject_key = _open(kek, wrapped_subject_key, f"{log}/{subject}".encode())
    key = _open(subject_key, wrapped_key, request.encode())
    return DecryptedPayload(key, _open(key, ciphertext, request.encode()))
