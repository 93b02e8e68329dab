"""Who acts in the control plane, and what their roles allow."""

from dataclasses import dataclass

from gateway.core.errors import Denied
from gateway.core.text import yaml_text
from gateway.storage import resources


@dataclass(frozen=True, slots=True)
class Actor:
    """A person or process. ``id`` stands in the trail.

    ``via`` is the door: sign-on, api, local, or public, where nobody is known.
    """

    id: str
    name: str
    roles: frozenset[str]
    via: str


BOOTSTRAP_REGISTER = Actor("bootstrap:register", "first start", frozenset({"bootstrap"}), "local")
BOOTSTRAP_APPROVE = Actor("bootstrap:approve", "first start", frozenset({"bootstrap"}), "local")
LOCAL_OPERATOR = Actor("local:operator", "local operator", frozenset({"operator"}), "local")
EVERYTHING = frozenset({"operator", "bootstrap"})


class Permissions:
    """The table of roles in policies/roles.yaml."""

    def __init__(self) -> None:
        text = (resources.directory("policies") / "roles.yaml").read_text(encoding="utf-8")
        table = yaml_text.load(text)["roles"]
        self._by_role = {role: frozenset(allowed) for role, allowed in table.items()}

    @property
    def roles(self) -> list[str]:
        """The roles that exist."""
        return sorted(self._by_role)

    def of(self, actor: Actor) -> frozenset[str]:
        """All that an actor may do."""
        if actor.roles & EVERYTHING:
            return frozenset().union(*self._by_role.values())
        return frozenset().union(*(self._by_role.get(role, frozenset()) for role in actor.roles))

    def require(self, actor: Actor, permission: str) -> None:
        """Nothing when the actor may.

        Raises:
            Denied: names the permission and the roles that have it.
        """
        if permission in self.of(actor):
            return
        holders = ", ".join(self.holders(permission))
        raise Denied(f"This needs '{permission}'. Roles that have it: {holders}.")

    def holders(self, permission: str) -> list[str]:
        """The roles that have a permission."""
        return [role for role, allowed in sorted(self._by_role.items()) if permission in allowed]
