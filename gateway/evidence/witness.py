"""Witnesses keep signed tree heads where the owner of the database cannot change them.

Cosignatures are those of C2SP tlog-cosignature (version 1, Ed25519). A time stamping authority (RFC
3161) signs heads as well, but keeps none, so it is not a witness.
"""

import base64
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qs, urlsplit

from cryptography.x509 import Certificate

from gateway.core.system.credentials import AwsCredentials
from gateway.evidence.checkpoint import (
    SignedNote,
    from_base64,
    key_id,
    signature_is_valid,
    signatures_of,
)

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
        """Parses a verifier key of C2SP: ``name+id+base64``.

        Raises:
            ValueError: when it is not the key of an Ed25519 cosigner.
        """
        name, _, rest = text.strip().partition("+")
        encoded_id, _, encoded = rest.partition("+")
        blob = from_base64(encoded)
        kind, public = blob[:1], blob[1:]
        if not name or kind != COSIGNATURE or len(public) != 32:
            raise ValueError("not the key of an Ed25519 cosigner (name+id+base64)")
        if encoded_id.lower() != key_id(name, public, COSIGNATURE).hex():
            raise ValueError("the id does not fit the key")
        return cls(name, public)

    def __str__(self) -> str:
        """Returns the verifier key in the form of C2SP."""
        encoded_id = key_id(self.name, self.public, COSIGNATURE).hex()
        return f"{self.name}+{encoded_id}+{base64.b64encode(COSIGNATURE + self.public).decode()}"


@dataclass(frozen=True, slots=True)
class WitnessEndpoint:
    """A destination of signed heads. ``text`` is the setting without its options.

    ``path`` is that of a file. ``url`` is that of a TSA, or the prefix of an HTTP witness or of
    objects in a bucket in ``region``, which are locked for ``retain_days``.
    """

    kind: Literal["file", "http", "s3", "tsa"]
    text: str
    path: Path | None = None
    url: str = ""
    region: str = ""
    retain_days: int = _RETAIN_DAYS

    @property
    def label(self) -> str:
        """The name for logs and packages, without folders of this machine."""
        return f"file:{self.path.name}" if self.path else self.text

    @classmethod
    def parse(cls, text: str, *, region: str = "") -> "WitnessEndpoint":
        """Parses a setting.

        Its forms are ``file:/path``, ``https://…``, ``tsa+http(s)://…`` and
        ``s3+https://host/bucket?days=…``.

        Raises:
            ValueError: says what is wrong with the setting.
        """
        if len(text) > _LONGEST:
            raise ValueError(f"a witness is named by at most {_LONGEST} characters")
        if text.startswith("file:"):
            path = Path(text.removeprefix("file:"))
            if not path.is_absolute():
                raise ValueError("the path of a witness file must be absolute")
            return cls("file", text, path=path)
        is_bucket, is_tsa = text.startswith("s3+"), text.startswith("tsa+")
        url = urlsplit(text.removeprefix("s3+").removeprefix("tsa+"))
        # A TSA's response is signed and its request is a digest: http is enough, as many TSAs have.
        plain_http = url.scheme == "http" and (is_tsa or url.hostname in _LOOPBACK)
        if url.scheme != "https" and not plain_http:
            raise ValueError(
                "a witness is file:/path, https://address, s3+https://host/bucket/prefix, "
                "tsa+https://address or tsa+http://address"
            )
        if not url.hostname or url.username or url.fragment or (url.query and not is_bucket):
            raise ValueError("a witness has an address without login, query or fragment")
        if is_tsa:
            return cls("tsa", text, url=text.removeprefix("tsa+"))
        address = f"{url.scheme}://{url.netloc}{url.path.rstrip('/')}"
        if not is_bucket:
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

    endpoints: tuple[WitnessEndpoint, ...] = ()
    keys: tuple[WitnessKey, ...] = ()
    credentials: AwsCredentials | None = None
    tsa_certificates: tuple[Certificate, ...] = ()

    @property
    def witnessed(self) -> bool:
        """Whether a witness keeps the heads; a TSA does not."""
        return any(endpoint.kind != "tsa" for endpoint in self.endpoints)


@dataclass(frozen=True, slots=True)
class Cosignature:
    """A witness's signature of a checkpoint; ``time`` is epoch seconds, by the witness's clock."""

    name: str
    time: int
    line: str


def message(body: str, time: int) -> bytes:
    """Returns the bytes that a cosigner signs."""
    return f"cosignature/v1\ntime {time}\n{body}".encode()


def cosignatures(note: SignedNote, keys: Iterable[WitnessKey]) -> Iterator[Cosignature]:
    """Yields the valid cosignatures by known keys."""
    for key in keys:
        for blob in signatures_of(note, key.name, key.public, COSIGNATURE):
            time = int.from_bytes(blob[:_TIME_BYTES], "big")
            if signature_is_valid(key.public, blob[_TIME_BYTES:], message(note.body, time)):
                signature = key_id(key.name, key.public, COSIGNATURE) + blob
                line = f"— {key.name} {base64.b64encode(signature).decode()}\n"
                yield Cosignature(key.name, time, line)
