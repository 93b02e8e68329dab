"""The snapshot document: the data plane's whole configuration, published by the control plane.

Plain data with a digest and a signature. It never holds secrets: providers reference theirs as
``env:NAME``, and keys are HMAC digests.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from gateway.core.clearance import Clearance, effective
from gateway.core.level import Level, Zone

FORMAT = 1
TENANT = "default"
KEY_REQUESTS = "key-requests"  # the file beside snapshots where a gateway asks for new keys
LOOPBACK = ("127.0.0.0/8", "::1/128")


class SnapshotError(Exception):
    """The document is damaged, unsigned, inconsistent, or of another format."""


class _Value(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A plain immutable value of the document."""


class Provider(_Value, frozen=True):
    """An upstream account. ``api_key`` is ``env:NAME`` or None; ``ca`` a PEM file's path."""

    name: str
    kind: str
    base_url: str
    zone: Zone
    api_key: str | None = None
    ca: str | None = None


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
    """Requests and tokens a minute, and answers at one time; None means no limit."""

    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    concurrent: int | None = None


NO_LIMITS = Limits()


class Allowance(_Value, frozen=True):
    """Limits and a budget."""

    limits: Limits = NO_LIMITS
    budget: Budget | None = None


class SelfService(_Value, frozen=True):
    """What the members of a team may issue to themselves.

    ``days`` is the longest life of such a key, ``keys_per_person`` how many may live at once.
    """

    models: list[str]
    purposes: list[str]
    clearance: str = "internal"
    days: int = 30
    keys_per_person: int = 1


class Team(_Value, frozen=True):
    """A group of keys that shares a budget and limits.

    ``per_person`` holds for each person in it, ``per_model`` for all of the team together, by alias
    or deployment. Without ``self_service`` its members issue no keys.
    """

    name: str
    floor: str = "internal"
    budget: Budget | None = None
    limits: Limits = NO_LIMITS
    per_person: Allowance = Allowance()
    per_model: dict[str, Allowance] = {}
    self_service: SelfService | None = None


class UseCase(_Value, frozen=True):
    """A registered purpose."""

    name: str
    owner: str
    legal_basis: str
    risk: str
    floor: str = "internal"
    zones: list[str] = []


class Key(_Value, frozen=True):
    """A credential, by the HMAC of its secret; ``expires`` is epoch seconds or None.

    Empty ``models`` or ``purposes`` mean all, empty ``networks`` any address. ``owner`` is a
    person; without one the key belongs to the local operator. It is ``blocked`` once that person
    has left. ``issued_by`` is the person who saw its secret. After a rotation the secret before it,
    ``former``, works until ``former_until`` (epoch seconds).
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
    owner: str | None = None
    issued_by: str | None = None
    limits: Limits = NO_LIMITS
    budget: Budget | None = None
    networks: list[str] = []
    former: str | None = None
    former_until: int = 0
    blocked: bool = False

    def has_secret(self, digest: str, *, now: float) -> bool:
        """Returns whether this digest is of its secret, or of the one before that still works."""
        if hmac.compare_digest(self.digest, digest):
            return True
        former = self.former if now < self.former_until else None
        return former is not None and hmac.compare_digest(former, digest)


class Rights(_Value, frozen=True, kw_only=True):
    """What a token may use. Empty ``models`` or ``purposes`` mean all, as for a key.

    ``budget`` and ``limits`` are of one person or application.
    """

    team: str | None = None
    models: list[str] = []
    purposes: list[str] = []
    clearance: str = "confidential"
    floor: str = "internal"
    budget: Budget | None = None
    limits: Limits = Limits()


class GroupRights(Rights, frozen=True, kw_only=True):
    """The rights of persons in ``group`` whose claims meet all conditions of ``when``.

    None stands for any group. The keys of ``when`` are paths of claims.
    """

    group: str | None = None
    when: dict[str, str] = {}


class ClaimMapping(_Value, frozen=True):
    """Claims that differ from the issuer's profile; an empty text means the profile's.

    ``kind`` is a condition: the principal is an application when it holds, else a person.
    """

    subject: str = ""
    name: str = ""
    client: str = ""
    session: str = ""
    kind: str = ""


class ScimSetting(_Value, frozen=True):
    """Persons come by SCIM; ``subject`` is the attribute that equals the subject of tokens, or "".

    ``client`` names the only key that may provision them, if one is named.
    """

    subject: str = "externalId"
    client: str | None = None


class Issuer(_Value, frozen=True):
    """An issuer whose access tokens are accepted; an empty setting means that of its profile.

    ``keys`` is its JWK set, empty until one was fetched, and ``published`` the algorithms that its
    discovery document names. ``max_age`` and ``keys_max_age`` are seconds: the longest life of a
    token, and how long keys are used while the provider is down. ``require`` names claims with
    their accepted values. ``jwks_uri``, ``ca`` and ``bearer_file`` say how the keys are fetched.

    ``groups`` gives the rights of persons, in order of precedence; ``applications`` those of
    workloads, by subject. Who is in neither may use nothing. ``logout_clients`` are the client ids
    to which its logout tokens may be addressed, beside ``audience``.
    """

    name: str
    issuer: str
    audience: str | list[str]
    roles_claim: str | list[str] = ""
    roles: dict[str, str] = {}
    keys: dict[str, Any] = {}
    profile: str = "rfc9068"
    typ: list[str] = []
    algorithms: list[str] = []
    published: list[str] = []
    max_age: int | None = None
    groups_claim: str | list[str] = ""
    claims: ClaimMapping = ClaimMapping()
    require: dict[str, list[str]] = {}
    keys_max_age: int = 86_400
    jwks_uri: str = ""
    ca: str = ""
    bearer_file: str = ""
    groups: list[GroupRights] = []
    applications: dict[str, Rights] = {}
    scim: ScimSetting | None = None
    logout_clients: list[str] = []


PRIVACY, PSEUDONYMOUS = "privacy", "pseudonymous"  # a setting, and its value for ``persons``
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


class SignedChange(_Value, frozen=True):
    """The record of a change of governance, as JSON, with the control plane's signature."""

    document: str
    signature: str


class Snapshot(_Value, frozen=True):
    """Everything that the data plane needs to serve requests.

    ``number`` counts the changes of the installation; ``changes`` are the newest records of what is
    in force; ``settings`` are those that only another person undoes. ``cut_offs`` are the sign-ons
    that were ended, by keys of ``gateway.identity.cut_offs``: tokens issued at or before the epoch
    second are refused, and all tokens where it is None.
    """

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
    settings: dict[str, dict[str, Any]] = {}
    number: int = 0
    changes: list[SignedChange] = []
    cut_offs: dict[str, int | None] = {}
    version: int = FORMAT

    @property
    def persons_hidden(self) -> bool:
        """Whether nothing may show which person a request is of."""
        return hides_persons(self.settings.get(PRIVACY, {}))

    @property
    def bundle_digest(self) -> str:
        """Digest of the policy bundle, as written in decisions and headers."""
        return bundle_digest(self.bundle)


def hides_persons(privacy: Mapping[str, Any]) -> bool:
    """Returns whether the setting ``privacy`` asks for pseudonyms in place of persons."""
    return privacy.get("persons") == PSEUDONYMOUS


class _Envelope(msgspec.Struct, frozen=True):
    document: str
    digest: str
    signature: str


def bundle_digest(files: dict[str, str]) -> str:
    """Returns the ``sha256:`` digest of the bundle's files, independent of their order."""
    return "sha256:" + hashlib.sha256(bundle_document(files)).hexdigest()


def bundle_document(files: dict[str, str]) -> bytes:
    """Returns the bundle as JSON pairs of name and text, which its digest covers."""
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
