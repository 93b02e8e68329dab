"""Roles, and the permissions that they give."""

from gateway.core.errors import Denied
from gateway.core.text import yaml_text
from gateway.governance.actor import EVERYTHING, Actor
from gateway.storage import resources


class Permissions:
    """The roles of policies/roles.yaml and their permissions."""

    def __init__(self) -> None:
        text = (resources.directory("policies") / "roles.yaml").read_text(encoding="utf-8")
        table = yaml_text.load(text)["roles"]
        self._by_role = {role: frozenset(allowed) for role, allowed in table.items()}

    @property
    def roles(self) -> list[str]:
        """The known roles, sorted."""
        return sorted(self._by_role)

    @property
    def approving(self) -> frozenset[str]:
        """The roles that approve something."""
        return frozenset(
            role
            for role, allowed in self._by_role.items()
            if any(permission.endswith(":approve") for permission in allowed)
        )

    def of(self, actor: Actor) -> frozenset[str]:
        """All permissions of an actor."""
        if actor.roles & EVERYTHING:
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
