"""The authenticated caller and its rights."""

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network

from gateway.core.level import Level
from gateway.core.snapshot import NO_LIMITS, Budget, Limits


@dataclass(frozen=True, slots=True)
class SignOn:
    """The sign-on that a token belongs to.

    ``keys`` are those under which a cut-off can end it. ``issued`` is epoch seconds, and 0 when the
    token does not state it.
    """

    issued: float
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Principal:
    """An authenticated application or person.

    ``id`` is stable and not personal data (a key id, or the HMAC of a token's subject). ``floor``
    is the lowest level that a request of this principal can have, before the purpose's own floor.
    Empty ``models`` or ``purposes`` mean all, empty ``networks`` any address. ``limits`` are the
    team's. ``person`` is the pseudonym of the person behind it where a token proves one, and ""
    otherwise; ``person_limits`` and ``person_budget`` are that person's own. ``sign_on`` is None
    for the principal of a key. ``granted_by`` names the mapping that gave the rights of a token.
    ``evaluates`` is the digest of the only model version that the key of an evaluation reaches.
    ``on_behalf_of`` is the proven user behind an application, with the user's own rights.
    """

    id: str
    name: str
    kind: str
    team: str | None
    roles: frozenset[str]
    models: frozenset[str]
    purposes: tuple[str, ...]
    clearance: Level
    floor: Level
    strict: bool
    limits: Limits
    expires: float | None = None
    key_limits: Limits = NO_LIMITS
    key_budget: Budget | None = None
    person: str = ""
    person_limits: Limits = NO_LIMITS
    person_budget: Budget | None = None
    networks: tuple[IPv4Network | IPv6Network, ...] = ()
    granted_by: tuple[str, ...] = ()
    on_behalf_of: "Principal | None" = None
    sign_on: SignOn | None = None
    evaluates: str | None = None

    def may_use(self, model: str) -> bool:
        """Returns whether this principal may use that alias or deployment."""
        return not self.models or model in self.models
