"""Who may call: keys, and issuers of tokens with the rights that they give."""

import hmac
from typing import Any

from gateway.core.snapshot.teams import NO_LIMITS, Budget, Limits
from gateway.core.snapshot.value import SnapshotValue


class Key(SnapshotValue, frozen=True):
    """A credential, by the HMAC of its secret; ``expires`` is epoch seconds or None.

    Empty ``models`` or ``purposes`` mean all, empty ``networks`` any address. ``owner`` is a
    person; without one the key belongs to the local operator. It is ``blocked`` once that person
    has left. ``issued_by`` is the person who saw its secret. After a rotation the secret before it,
    ``former``, works until ``former_until`` (epoch seconds). A key with ``evaluates`` reaches the
    model version of that digest alone, also a draft.
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
    evaluates: str | None = None

    def has_secret(self, digest: str, *, now: float) -> bool:
        """Returns whether this digest is of its secret, or of the one before that still works."""
        if hmac.compare_digest(self.digest, digest):
            return True
        former = self.former if now < self.former_until else None
        return former is not None and hmac.compare_digest(former, digest)


class Rights(SnapshotValue, frozen=True, kw_only=True):
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

    None means any group. The keys of ``when`` are paths of claims.
    """

    group: str | None = None
    when: dict[str, str] = {}


class ClaimMapping(SnapshotValue, frozen=True):
    """Claims that differ from the issuer's profile; an empty text means the profile's.

    ``kind`` is a condition: the principal is an application when it holds, else a person.
    ``author`` are the claims of a pipeline that name the person whose change it makes.
    """

    subject: str = ""
    name: str = ""
    client: str = ""
    session: str = ""
    kind: str = ""
    author: list[str] = []


class ScimSetting(SnapshotValue, frozen=True):
    """Persons come by SCIM; ``subject`` is the attribute that equals the subject of tokens, or "".

    ``client`` names the only key that may provision them, if one is named.
    """

    subject: str = "externalId"
    client: str | None = None


class ApprovalClient(SnapshotValue, frozen=True):
    """The client at an issuer with which persons sign on to approve something.

    ``client_secret`` is a reference, empty for a public client. ``acr_values`` are the classes of
    sign-on that count, where it matters (OpenID Connect Core 1.0, section 2).
    """

    client_id: str
    client_secret: str = ""
    acr_values: list[str] = []


class Issuer(SnapshotValue, frozen=True):
    """An issuer whose access tokens are accepted; an empty setting means that of its profile.

    ``keys`` is its JWK set, empty until one was fetched, and ``published`` the algorithms that its
    discovery document names. ``max_age`` and ``keys_max_age`` are seconds: the longest life of a
    token, and how long keys are used while the provider is down. ``require`` names claims with
    their accepted values. ``jwks_uri``, ``ca``, ``proxy`` and ``bearer_file`` say how the keys are
    fetched.

    ``groups`` gives the rights of persons, in order of precedence; ``applications`` those of
    workloads, by subject. Who is in neither may use nothing. ``logout_clients`` are the client ids
    to which its logout tokens may be addressed, beside ``audience``. With ``approvals`` whatever
    needs another person needs that person's sign-on, too.
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
    proxy: str = ""
    bearer_file: str = ""
    groups: list[GroupRights] = []
    applications: dict[str, Rights] = {}
    scim: ScimSetting | None = None
    logout_clients: list[str] = []
    approvals: ApprovalClient | None = None
