"""The snapshot document: the data plane's whole configuration, published by the control plane.

Plain data with a digest and a signature. It never holds secrets: providers reference theirs as
``env:NAME``, and keys are HMAC digests.
"""

import base64
import hashlib
from typing import Any

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from gateway.core.clearance import Clearance, effective
from gateway.core.days import end_of_day
from gateway.core.level import Level, Zone

FORMAT = 1
TENANT = "default"
LOOPBACK = ("127.0.0.0/8", "::1/128")


class SnapshotError(Exception):
    """The document is damaged, unsigned, inconsistent, or of another format."""


class _Value(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A plain immutable value of the document."""


class Provider(_Value, frozen=True):
    """An upstream account. ``api_key`` is ``env:NAME`` or None; ``ca`` a PEM file's path.

    ``contract_until`` is the day (ISO 8601) until which a contract covers confidential text: ""
    without a contract, None in a provider from before contracts were registered.
    """

    name: str
    kind: str
    base_url: str
    zone: Zone
    api_key: str | None = None
    ca: str | None = None
    contract_until: str | None = None

    def covered(self, now: float) -> bool:
        """Returns whether confidential text may go there, as far as its contract goes."""
        if self.zone is Zone.INTERNAL or self.contract_until is None:
            return True
        return now < end_of_day(self.contract_until)


class Prices(_Value, frozen=True):
    """Cost per million tokens."""

    input_per_million: float = 0.0
    output_per_million: float = 0.0
    currency: str = "EUR"


class ClearanceSetting(_Value, frozen=True):
    """A deployment's own clearance, as level names."""

    clear: str
    redacted: str

    def value(self) -> Clearance:
        """Returns the setting as levels."""
        return Clearance(Level.parse(self.clear), Level.parse(self.redacted))


class Deployment(_Value, frozen=True):
    """One model on one provider."""

    name: str
    provider: str
    model: str
    price: Prices = Prices()
    clearance: ClearanceSetting | None = None

    def cleared_in(self, zone: Zone) -> Clearance:
        """Returns this deployment's clearance: the zone's ceiling, narrowed by its own setting."""
        return effective(zone, self.clearance.value() if self.clearance else None)


class Alias(_Value, frozen=True):
    """The name that applications use, with candidate deployments in order of preference."""

    name: str
    candidates: list[str]


class Budget(_Value, frozen=True):
    """Money for a period; ``period`` is ``month``."""

    amount: float
    currency: str = "EUR"
    period: str = "month"


class Limits(_Value, frozen=True):
    """Requests and tokens a minute; None means no limit."""

    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None


class Team(_Value, frozen=True):
    """A group of keys that shares a budget and limits."""

    name: str
    floor: str = "internal"
    budget: Budget | None = None
    limits: Limits = Limits()


class UseCase(_Value, frozen=True):
    """A registered purpose. ``review`` is the day (ISO 8601) of its next review, "" without one."""

    name: str
    owner: str
    legal_basis: str
    risk: str
    floor: str = "internal"
    zones: list[str] = []
    review: str = ""


class Key(_Value, frozen=True):
    """A credential, by the HMAC of its secret; ``expires`` is epoch seconds or None.

    Empty ``models`` or ``purposes`` mean all.
    """

    id: str
    name: str
    digest: str
    kind: str = "app"
    team: str | None = None
    models: list[str] = []
    purposes: list[str] = []
    roles: list[str] = []
    clearance: str = "confidential"
    floor: str = "internal"
    strict: bool = False
    expires: int | None = None


class Issuer(_Value, frozen=True):
    """An OpenID Connect issuer whose access tokens are accepted; ``keys`` is its JWKS."""

    name: str
    issuer: str
    audience: str
    roles_claim: str = "roles"
    roles: dict[str, str] = {}
    keys: dict[str, Any] = {}


LANGUAGE, DETECTOR = "language", "detector"


class ModelVersion(_Value, frozen=True):
    """One registered version of an internal model: a language model or a detector."""

    name: str
    version: str
    digest: str
    state: str
    base_dir: str
    base_digest: str
    clearance: str = "restricted"
    adapter_dir: str | None = None
    adapter_digest: str | None = None
    tags: list[str] = []
    kind: str = LANGUAGE


class TermLists(_Value, frozen=True):
    """The organisation's own terms: denied ones with their type of personal data, and allowed ones.

    They are in clear here, because the data plane must match them.
    """

    deny: dict[str, str] = {}
    allow: list[str] = []

    def __repr__(self) -> str:
        """Without content: it must not reach a log."""
        return f"TermLists(deny={len(self.deny)}, allow={len(self.allow)})"


class Stops(_Value, frozen=True):
    """What was stopped, by name; keys by id. A stop outlives the object that it names."""

    use_cases: list[str] = []
    deployments: list[str] = []
    aliases: list[str] = []
    keys: list[str] = []

    def listed(self) -> list[str]:
        """All of them as ``kind:name``; of keys, which may be persons, the number."""
        named = (
            ("use_case", self.use_cases),
            ("deployment", self.deployments),
            ("alias", self.aliases),
        )
        listed = [f"{kind}:{name}" for kind, names in named for name in names]
        return [*listed, f"keys:{len(self.keys)}"] if self.keys else listed


class Snapshot(_Value, frozen=True):
    """Everything that the data plane needs to serve requests."""

    created: float
    bundle: dict[str, str]
    providers: list[Provider] = []
    deployments: list[Deployment] = []
    aliases: list[Alias] = []
    teams: list[Team] = []
    use_cases: list[UseCase] = []
    keys: list[Key] = []
    issuers: list[Issuer] = []
    models: list[ModelVersion] = []
    internal_networks: list[str] = msgspec.field(default_factory=lambda: list(LOOPBACK))
    terms: TermLists = TermLists()
    stops: Stops = Stops()
    version: int = FORMAT

    @property
    def bundle_digest(self) -> str:
        """Digest of the policy bundle, as written in decisions and headers."""
        return bundle_digest(self.bundle)


class _Envelope(msgspec.Struct, frozen=True):
    document: str
    digest: str
    signature: str


def bundle_digest(files: dict[str, str]) -> str:
    """Returns the ``sha256:`` digest of the bundle's files, independent of their order."""
    return "sha256:" + hashlib.sha256(bundle_document(files)).hexdigest()


def bundle_document(files: dict[str, str]) -> bytes:
    """Returns the bundle as JSON pairs of name and text. The bundle's digest covers these bytes."""
    return msgspec.json.encode(sorted(files.items()))


def seal(snapshot: Snapshot, key: Ed25519PrivateKey) -> tuple[bytes, str]:
    """Returns the signed envelope as bytes, and the document's digest."""
    document = msgspec.json.encode(snapshot, order="sorted")
    digest = hashlib.sha256(document).hexdigest()
    signature = base64.b64encode(key.sign(document)).decode()
    return msgspec.json.encode(_Envelope(document.decode(), digest, signature)), digest


def unseal(data: bytes, key: Ed25519PublicKey) -> tuple[Snapshot, str]:
    """Returns the snapshot in a signed envelope, and its digest.

    Raises:
        SnapshotError: when the envelope does not parse, its digest or signature does not match, or
            its format is unknown to this version.
    """
    try:
        envelope = msgspec.json.decode(data, type=_Envelope)
        document = envelope.document.encode()
        key.verify(base64.b64decode(envelope.signature, validate=True), document)
        if hashlib.sha256(document).hexdigest() != envelope.digest:
            raise SnapshotError("the snapshot's digest does not match its document")
        snapshot = msgspec.json.decode(document, type=Snapshot)
    except (msgspec.MsgspecError, ValueError, InvalidSignature) as error:
        raise SnapshotError(f"the snapshot cannot be trusted: {type(error).__name__}") from error
    if snapshot.version != FORMAT:
        raise SnapshotError(f"snapshot format {snapshot.version}; this version reads {FORMAT}")
    return snapshot, envelope.digest
