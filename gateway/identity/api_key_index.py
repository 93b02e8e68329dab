"""Gateway API keys: finds the principal of a secret."""

import hashlib
import hmac

from gateway.core.errors import Unauthenticated
from gateway.core.level import Level
from gateway.core.principal import Principal
from gateway.core.snapshot import Key, Limits, Snapshot, Team

BLOCKED = (
    "This key is blocked because its owner has left. Ask your administrator to hand it over, or "
    "for a new key."
)


class ApiKeyIndex:
    """All keys of one snapshot, found by the HMAC of their secret."""

    def __init__(self, snapshot: Snapshot, pepper: bytes) -> None:
        teams = {team.name: team for team in snapshot.teams}
        self._mac = hmac.new(pepper, digestmod=hashlib.sha256)
        self._keys = {
            key.digest: _principal(key, teams.get(key.team or ""))
            for key in snapshot.keys
            if not key.blocked
        }
        self._blocked = {key.digest for key in snapshot.keys if key.blocked}
        self._ids = {principal.id: principal for principal in self._keys.values()}

    def contains(self, key_id: str) -> bool:
        """Returns whether a key of that id exists and is not blocked."""
        return key_id in self._ids

    def find(self, secret: str, *, now: float) -> Principal | None:
        """Returns the key's principal, or None for an unknown key.

        Raises:
            Unauthenticated: when the key has expired or is blocked.
        """
        mac = self._mac.copy()  # copying keyed state is several times cheaper than a new HMAC
        mac.update(secret.encode())
        digest = mac.hexdigest()
        principal = self._keys.get(digest)
        if principal is None and digest in self._blocked:
            raise Unauthenticated(BLOCKED)
        if principal and principal.expires is not None and principal.expires <= now:
            raise Unauthenticated("This key has expired. Ask your administrator for a new one.")
        return principal


def _principal(key: Key, team: Team | None) -> Principal:
    floor = Level.parse(key.floor)
    return Principal(
        id=key.id,
        name=key.name,
        kind=key.kind,
        team=key.team,
        roles=frozenset(key.roles),
        models=frozenset(key.models),
        purposes=tuple(key.purposes),
        clearance=Level.parse(key.clearance),
        floor=max(floor, Level.parse(team.floor)) if team else floor,
        strict=key.strict,
        limits=team.limits if team else Limits(),
        expires=key.expires,
    )
