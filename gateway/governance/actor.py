"""The actors of the control plane."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """A person or process. Entries of the trail name its ``id``.

    ``via`` is the channel: sign-on, api, local, or public for unauthenticated callers. ``person``
    is who is behind it: the owner of a key, or the subject of a sign-on. ``team`` is the one within
    which it may have keys of its own.
    """

    id: str
    name: str
    roles: frozenset[str]
    via: str
    person: str = ""
    team: str | None = None


BOOTSTRAP_REGISTER = Actor("bootstrap:register", "first start", frozenset({"bootstrap"}), "local")
BOOTSTRAP_APPROVE = Actor("bootstrap:approve", "first start", frozenset({"bootstrap"}), "local")
LOCAL_OPERATOR = Actor("local:operator", "local operator", frozenset({"operator"}), "local")
EVERYTHING = frozenset({"operator", "bootstrap"})
