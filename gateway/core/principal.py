"""The authenticated caller and its rights."""

from dataclasses import dataclass

from gateway.core.level import Level
from gateway.core.snapshot import Budget, Limits

_NO_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Principal:
    """An authenticated application or person.

    ``id`` is stable and not personal data (a key id, or the HMAC of a token's subject). ``floor``
    is the lowest level that a request of this principal can have, before the purpose's own floor.
    Empty ``models`` or ``purposes`` mean all.

    ``limits`` are those of the team; ``person_limits`` and ``person_budget`` those of this person
    or application alone. ``granted_by`` names the mapping that gave the rights of a token.
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
    person_limits: Limits = _NO_LIMITS
    person_budget: Budget | None = None
    granted_by: tuple[str, ...] = ()
    on_behalf_of: "Principal | None" = None

    def may_use(self, model: str) -> bool:
        """Returns whether this principal may use that alias or deployment."""
        return not self.models or model in self.models
