"""Roles, the permissions that they give, and the powers that they may approve."""

from collections.abc import Mapping

from gateway.approvals.powers import FILE as POWERS
from gateway.approvals.powers import Powers
from gateway.core.errors import Denied
from gateway.core.text import yaml_text
from gateway.governance.actor import EVERYTHING, Actor
from gateway.storage import resources

ROLES = "roles.yaml"


class Permissions:
    """The roles and powers of the policy bundle in force.

    Whoever may approve a power has the permission ``<power>:approve``.
    """

    def __init__(self) -> None:
        self._files: Mapping[str, str] | None = None
        self._by_role: dict[str, frozenset[str]] = {}
        self.powers = Powers(None, shipped=_shipped(POWERS))
        self.use({})

    def use(self, files: Mapping[str, str]) -> None:
        """Take over the roles and powers of a bundle; the release's where it has no such file.

        A permission that a bundle does not know, because it is older than this release, belongs to
        the roles that the release gives it to.

        Raises:
            ValueError: when a file cannot be used; what was in force stays.
        """
        if files is self._files:
            return
        powers = Powers(files.get(POWERS), shipped=_shipped(POWERS))
        release = _roles(_shipped(ROLES))
        by_role = _roles(files[ROLES]) if ROLES in files else release
        known = frozenset().union(*by_role.values())
        for role, allowed in release.items():
            by_role[role] = by_role.get(role, frozenset()) | (allowed - known)
        if unknown := powers.roles - by_role.keys():
            raise ValueError(f"{POWERS}: there is no role {min(unknown)!r}")
        for power in powers:
            for role in powers.approvers(power):
                by_role[role] |= {approval_of(power)}
        self._files, self.powers, self._by_role = files, powers, by_role

    @property
    def roles(self) -> list[str]:
        """The known roles, sorted."""
        return sorted(self._by_role)

    def of(self, actor: Actor) -> frozenset[str]:
        """All permissions of an actor."""
        if actor.via == "local" and actor.roles & EVERYTHING:
            return frozenset().union(*self._by_role.values())
        return frozenset().union(*(self._by_role.get(role, frozenset()) for role in actor.roles))

    def require(self, actor: Actor, permission: str) -> None:
        """Check that an actor has a permission.

        Raises:
            Denied: names the permission and the roles that have it.
        """
        if permission in self.of(actor):
            return
        holders = ", ".join(self.holders(permission))
        raise Denied(f"This needs '{permission}'. Roles that have it: {holders}.")

    def holders(self, permission: str) -> list[str]:
        """The roles that have a permission, sorted."""
        return [role for role, allowed in sorted(self._by_role.items()) if permission in allowed]


def approval_of(power: str) -> str:
    """The permission to approve a power."""
    return f"{power}:approve"


def _shipped(name: str) -> str:
    return (resources.directory("policies") / name).read_text(encoding="utf-8")


def _roles(text: str) -> dict[str, frozenset[str]]:
    table = yaml_text.mapping(text).get("roles")
    if not isinstance(table, dict) or not all(isinstance(one, list) for one in table.values()):
        raise ValueError(f"{ROLES}: 'roles' must map each role to a list of permissions")
    if reserved := EVERYTHING & table.keys():
        raise ValueError(f"{ROLES}: the role {min(reserved)!r} is reserved")
    return {role: frozenset(allowed) for role, allowed in table.items()}
