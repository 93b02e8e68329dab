"""Witnesses: places and parties that keep signed heads where the owner of the database cannot write.

Cosignatures are those of C2SP tlog-cosignature (version 1, Ed25519). A time stamping authority (RFC 3161)
is shown heads as well; it keeps none, so it is no witness.
"""

import base64
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qs, urlsplit

from cryptography.x509 import Certificate

from gateway.core.system.credentials import AwsCredentials
from gateway.evidence.checkpoint import SignedNote, holds, key_id, signatures_of

COSIGNATURE = b"\x04"
_TIME_BYTES = 8
_RETAIN_DAYS = 730
_LONGEST = 500
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}


@dataclass(frozen=True, slots=True)
class WitnessKey:
    """The public key of a witness and the name it signs with."""

    name: str
    public: bytes

    @classmethod
    def parse(cls, text: str) -> "WitnessKey":
        """From a verifier key as C2SP writes it: ``name+id+base64``.

        Raises:
            ValueError: when it is none of an Ed25519 cosigner.
        """
        name, _, rest = text.strip().partition("+")
        named, _, encoded = rest.partition("+")
        blob = base64.b64decode(encoded, validate=True)
        kind, public = blob[:1], blob[1:]
        if not name or kind != COSIGNATURE or len(public) != 32:
            raise ValueError("not the key of an Ed25519 cosigner (name+id+base64)")
        if named.lower() != key_id(name, public, COSIGNATURE).hex():
            raise ValueError("the id does not fit the key")
        return cls(name, public)

    def __str__(self) -> str:
        """As C2SP writes it."""
        named = key_id(self.name, self.public, COSIGNATURE).hex()
        return f"{self.name}+{named}+{base64.b64encode(COSIGNATURE + self.public).decode()}"


@dataclass(frozen=True, slots=True)
class WitnessEndpoint:
    """Where signed heads go. ``text`` is what the setting says, without its options.

    ``path`` is of a file; ``url`` that of a TSA, the prefix of an HTTP witness, or that of objects in a
    bucket, which are locked for ``retain_days`` in ``region``.
    """

    kind: Literal["file", "http", "s3", "tsa"]
    text: str
    path: Path | None = None
    url: str = ""
    region: str = ""
    retain_days: int = _RETAIN_DAYS

    @property
    def label(self) -> str:
        """What may stand in logs and packages: it tells no folder of this machine."""
        return f"file:{self.path.name}" if self.path else self.text

    @classmethod
    def parse(cls, text: str, *, region: str = "") -> "WitnessEndpoint":
        """From a setting: ``file:/path``, ``https://…``, ``tsa+http(s)://…`` or ``s3+https://host/bucket?days=…``.

        Raises:
            ValueError: says what is wrong with it.
        """
        if len(text) > _LONGEST:
            raise ValueError(f"a witness is named by at most {_LONGEST} characters")
        if text.startswith("file:"):
            path = Path(text.removeprefix("file:"))
            if not path.is_absolute():
                raise ValueError("the path of a witness file must be absolute")
            return cls("file", text, path=path)
        stored, stamps = text.startswith("s3+"), text.startswith("tsa+")
        url = urlsplit(text.removeprefix("s3+").removeprefix("tsa+"))
        # What a TSA says is signed, and what it is sent is a digest: many serve http alone.
        plain = url.scheme == "http" and (stamps or url.hostname in _LOOPBACK)
        if url.scheme != "https" and not plain:
            raise ValueError(
                "a witness is file:/path, https://address, s3+https://host/bucket/prefix, "
                "tsa+https://address or tsa+http://address"
            )
        if not url.hostname or url.username or url.fragment or (url.query and not stored):
            raise ValueError("a witness has an address without login, query or fragment")
        if stamps:
            return cls("tsa", text, url=text.removeprefix("tsa+"))
        address = f"{url.scheme}://{url.netloc}{url.path.rstrip('/')}"
        if not stored:
            return cls("http", address, url=address)
        if not url.path.strip("/"):
            raise ValueError("name the bucket: s3+https://host/bucket/prefix")
        options = parse_qs(url.query, strict_parsing=True) if url.query else {}
        days = options.pop("days", [str(_RETAIN_DAYS)])[0]
        if options or not days.isdigit() or not 0 < int(days) <= 36_500:
            raise ValueError(
                "the one option of a bucket is days=N, for how long objects are locked"
            )
        return cls(
            "s3", f"s3+{address}", url=address, region=region or "us-east-1", retain_days=int(days)
        )


@dataclass(frozen=True, slots=True)
class WitnessConfig:
    """All witnesses of an installation, and the keys that their cosignatures are checked with.

    ``tsa_certificates`` are the authorities that the signature of a time stamp must lead to.
    """

    places: tuple[WitnessEndpoint, ...] = ()
    keys: tuple[WitnessKey, ...] = ()
    login: AwsCredentials | None = None
    tsa_certificates: tuple[Certificate, ...] = ()

    @property
    def witnessed(self) -> bool:
        """Whether somebody keeps the heads: a TSA does not."""
        return any(place.kind != "tsa" for place in self.places)


@dataclass(frozen=True, slots=True)
class Cosignature:
    """That a witness saw a checkpoint; ``time`` is epoch seconds, by its clock."""

    name: str
    time: int
    line: str


def message(body: str, time: int) -> bytes:
    """What a cosigner signs."""
    return f"cosignature/v1\ntime {time}\n{body}".encode()


def cosignatures(note: SignedNote, keys: Iterable[WitnessKey]) -> Iterator[Cosignature]:
    """The good ones, by keys that are known; all others are passed over."""
    for key in keys:
        for blob in signatures_of(note, key.name, key.public, COSIGNATURE):
            time = int.from_bytes(blob[:_TIME_BYTES], "big")
            if holds(key.public, blob[_TIME_BYTES:], message(note.body, time)):
                whole = key_id(key.name, key.public, COSIGNATURE) + blob
                line = f"— {key.name} {base64.b64encode(whole).decode()}\n"
                yield Cosignature(key.name, time, line)
