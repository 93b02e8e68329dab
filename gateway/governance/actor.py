"""The actors of the control plane, and the persons behind them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gateway.approvals.objects import kind_of_key
from gateway.core.objects.keys import ADMIN_KEY
from gateway.core.principal import SignOn
from gateway.core.snapshot import Key

OPERATOR = "local operator"  # the person at the shell of the machine


@dataclass(frozen=True, slots=True)
class ApprovalSignOn:
    """A sign-on that approves what has the digest ``nonce``.

    Without a token it asks what would have to be signed: the approval ends with that.
    """

    nonce: str = ""
    token: str = ""
    key: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Actor:
    """A person or process that calls. Entries of the trail name its ``id``.

    ``via`` is the channel: sign-on, api, local, or public for unauthenticated callers. ``person``
    is the human behind it: the owner of a key, or the subject of a sign-on; ``aliases`` are other
    names of the same human, in lower case. ``issued_by`` is the person who saw the key's secret.
    ``acts_for`` are the names of the person whose change a pipeline makes, in lower case: they take
    rights away and give none. ``team`` is the one within which it may have keys of its own.
    ``sign_on`` is that of the token, ``approval`` the fresh one with which a person approves.
    ``proven`` are the names, in lower case, that the token of a person or the signed record of an
    administrator's key proves: those alone give rights that a record gives to who is called so.
    ``owns`` are the use cases whose record does, ``leads`` the teams.
    """

    id: str
    name: str
    roles: frozenset[str]
    via: str
    person: str = ""
    aliases: frozenset[str] = frozenset()
    issued_by: str | None = None
    team: str | None = None
    sign_on: SignOn | None = None
    acts_for: frozenset[str] = frozenset()
    approval: ApprovalSignOn | None = None
    proven: frozenset[str] = frozenset()
    owns: frozenset[str] = frozenset()
    leads: frozenset[str] = frozenset()

    @property
    def persons(self) -> frozenset[str]:
        """All names of the human behind it, in lower case."""
        return self.aliases | {(self.person or self.id).casefold()}

    @property
    def barred_names(self) -> frozenset[str]:
        """The names by which it counts as the same human where that takes rights away."""
        issued_by = {self.issued_by} if self.issued_by else set()
        return self.persons | {self.person or self.id} | self.acts_for | issued_by


def actor_of(key: Key) -> Actor:
    """The actor that signs in with a key; without an owner it is the operator of the machine."""
    return Actor(
        key.id,
        key.name,
        frozenset(key.roles),
        "api",
        person=key.owner or OPERATOR,
        issued_by=key.issued_by,
        team=key.team,
        proven=frozenset({key.owner.casefold()} if key.owner and _is_vouched(key) else ()),
    )


def _is_vouched(key: Key) -> bool:
    """Whether another person approved whose key it is: one person issues those of applications."""
    return kind_of_key(key) == ADMIN_KEY


BOOTSTRAP_REGISTER = Actor("bootstrap:register", "first start", frozenset({"bootstrap"}), "local")
BOOTSTRAP_APPROVE = Actor("bootstrap:approve", "first start", frozenset({"bootstrap"}), "local")
LOCAL_OPERATOR = Actor(
    "local:operator", OPERATOR, frozenset({"operator"}), "local", person=OPERATOR
)
SYSTEM = Actor("system:control", "control plane", frozenset(), "local")
EVERYTHING = frozenset({"operator", "bootstrap"})  # roles with every permission, at the shell only
