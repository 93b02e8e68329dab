"""Gateway API keys: finds the principal of a secret."""

import hmac
from collections.abc import Mapping
from dataclasses import replace

from gateway.core.errors import Unauthenticated
from gateway.core.level import Level
from gateway.core.principal import Principal
from gateway.core.snapshot import NO_LIMITS, Key, Snapshot, Team
from gateway.identity.networks import network_of

BLOCKED = (
    "This key is blocked because its owner has left. Ask your administrator to hand it over, or "
    "for a new key."
)
_OF_ADMIN = "This is the key of an administrator; use an application's key."
_NO_TEAM = (
    "This key does not work: its team does not exist any more. Ask your administrator for a key of "
    "another team."
)


class ApiKeyIndex:
    """All keys of one snapshot, found by the HMAC of their secret."""

    def __init__(self, snapshot: Snapshot, pepper: bytes) -> None:
        teams = {team.name: team for team in snapshot.teams}
        self._pepper = pepper
        self._keys: dict[str, Principal] = {}
        self._former: dict[str, Principal] = {}  # by the secret that a rotation replaced
        self._unusable: dict[str, str] = {}  # why, by the secret
        for key in snapshot.keys:
            if reason := _why_unusable(key, teams):
                self._unusable |= dict.fromkeys((key.digest, key.former or key.digest), reason)
                continue
            principal = _principal(key, teams.get(key.team or ""))
            self._keys[key.digest] = principal
            if key.former is not None:
                self._former[key.former] = _until(principal, key.former_until)
        self._ids = {key.id for key in snapshot.keys if not key.blocked}

    def contains(self, key_id: str) -> bool:
        """Returns whether a key of that id exists and is not blocked."""
        return key_id in self._ids

    def find(self, secret: str, *, now: float) -> Principal | None:
        """Returns the key's principal, or None for an unknown key.

        Raises:
            Unauthenticated: when the key has expired, may not be used, or its secret was replaced.
        """
        digest = hmac.digest(self._pepper, secret.encode(), "sha256").hex()
        principal = self._keys.get(digest)
        if principal is None and digest in self._unusable:
            raise Unauthenticated(self._unusable[digest])
        if principal is None:
            return self._replaced(digest, now)
        if principal.expires is not None and principal.expires <= now:
            raise Unauthenticated("This key has expired. Ask your administrator for a new one.")
        return principal

    def _replaced(self, digest: str, now: float) -> Principal | None:
        """The principal of a secret that a rotation replaced, as long as both work."""
        principal = self._former.get(digest)
        if principal and principal.expires is not None and principal.expires <= now:
            raise Unauthenticated("This secret was replaced. Use the key's new one.")
        return principal


def _why_unusable(key: Key, teams: Mapping[str, Team]) -> str | None:
    if key.kind == "admin":
        return _OF_ADMIN
    if key.blocked:
        return BLOCKED
    return _NO_TEAM if key.team is not None and key.team not in teams else None


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
        limits=team.limits if team else NO_LIMITS,
        expires=key.expires,
        key_limits=key.limits,
        key_budget=key.budget,
        networks=tuple(map(network_of, key.networks)),
        evaluates=key.evaluates,
    )


def _until(principal: Principal, moment: int) -> Principal:
    expires = moment if principal.expires is None else min(moment, principal.expires)
    return replace(principal, expires=expires)
