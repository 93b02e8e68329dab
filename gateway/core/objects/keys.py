"""Keys: the credentials of applications, persons and administrators."""

import hmac
from typing import Annotated, Any

from gateway.core.objects.declare import ChangeRule, Choice, Harmless, Label, Mark
from gateway.core.objects.effects import (
    any_change,
    fewer_networks,
    higher_level,
    joined,
    lower_level,
    lower_or_set,
    more_items,
    more_items_or_all,
    no_longer,
    replaced,
)
from gateway.core.objects.teams import (
    LOWEST_FLOOR,
    NO_LIMITS,
    GovernedBudget,
    GovernedLimits,
)
from gateway.core.objects.value import SnapshotValue
from gateway.core.objects.values import (
    LevelName,
    Name,
    Network,
    PersonName,
    Reference,
    Seconds,
    Text,
)

ADMIN_KEY, KEY = "admin_key", "key"  # the kinds of object that a key is
_RIGHTS, _ADMIN, _CLEARANCE = "key.rights", "key.admin", "key.clearance"
_SAME_RIGHTS = Harmless("another secret of a key with the same rights", KEY)


class Key(SnapshotValue, frozen=True):
    """A credential, by the HMAC of its secret; ``expires`` is epoch seconds or None.

    Empty ``models`` or ``purposes`` mean all, empty ``networks`` any address. ``owner`` is a
    person; without one the key belongs to the local operator. It is ``blocked`` once that person
    has left. ``issued_by`` is the person who saw its secret. After a rotation the secret before it,
    ``former``, works until ``former_until`` (epoch seconds). A key with ``evaluates`` reaches the
    model version of that digest alone, also a draft.
    """

    id: Annotated[str, Mark.DERIVED]
    name: Annotated[Name, Label("Name", "Naam")]
    digest: Annotated[str, Mark.DERIVED, _SAME_RIGHTS]
    kind: Annotated[
        str,
        Choice(("app", "person", "admin")),
        Label("Whose it is: app, person or admin", "Van wie: app, person of admin"),
        Harmless("a key of an application and one of a person have the same rights", KEY),
    ] = "app"
    team: Annotated[Name | None, Label("Team", "Team"), ChangeRule(_RIGHTS, joined)] = None
    models: Annotated[
        list[Name],
        Label("Models and aliases; empty for all", "Modellen en aliassen; leeg is alle"),
        ChangeRule(_RIGHTS, more_items_or_all, []),
    ] = []
    purposes: Annotated[
        list[Name],
        Label("Use cases; empty for all", "Toepassingen; leeg is alle"),
        ChangeRule(_RIGHTS, more_items_or_all, []),
    ] = []
    roles: Annotated[
        list[Text],
        Label("Roles in the control plane", "Rollen in het beheer"),
        ChangeRule(_ADMIN, more_items, [], kind=ADMIN_KEY),
    ] = []
    clearance: Annotated[
        LevelName,
        Label("Highest level that it may use", "Hoogste niveau dat hij gebruikt"),
        ChangeRule(_CLEARANCE, higher_level, "confidential"),
    ] = "confidential"
    floor: Annotated[
        LevelName,
        Label("Lowest level that its requests have", "Laagste niveau van de verzoeken"),
        ChangeRule("key.floor", lower_level, LOWEST_FLOOR),
    ] = LOWEST_FLOOR
    strict: Annotated[
        bool,
        Label("Refuse instead of rerouting", "Weigeren in plaats van omleiden"),
        ChangeRule(_RIGHTS, no_longer, False),
    ] = False
    expires: Annotated[
        Seconds | None,
        Label("End of its life (epoch seconds)", "Einde van de geldigheid (epochseconden)"),
        ChangeRule(_RIGHTS, lower_or_set),
    ] = None
    owner: Annotated[
        PersonName | None,
        Label("Person who owns it", "Persoon van wie hij is"),
        ChangeRule("key.owner", replaced, kind=KEY),
        ChangeRule(_ADMIN, any_change, kind=ADMIN_KEY),
    ] = None
    issued_by: Annotated[str | None, Mark.DERIVED, _SAME_RIGHTS] = None
    limits: GovernedLimits = NO_LIMITS
    budget: GovernedBudget = None
    networks: Annotated[
        list[Network],
        Label("Networks that it works from; empty for all", "Netwerken; leeg is alle"),
        ChangeRule(_RIGHTS, fewer_networks, []),
    ] = []
    former: Annotated[
        str | None, Mark.DERIVED, _SAME_RIGHTS, ChangeRule(_ADMIN, any_change, kind=ADMIN_KEY)
    ] = None
    former_until: Annotated[
        int, Mark.DERIVED, _SAME_RIGHTS, ChangeRule(_ADMIN, any_change, kind=ADMIN_KEY)
    ] = 0
    blocked: Annotated[bool, Mark.DERIVED] = False
    evaluates: Annotated[str | None, Mark.DERIVED, ChangeRule(_CLEARANCE, replaced)] = None

    def has_secret(self, digest: str, *, now: float) -> bool:
        """Returns whether this digest is of its secret, or of the one before that still works."""
        if hmac.compare_digest(self.digest, digest):
            return True
        former = self.former if now < self.former_until else None
        return former is not None and hmac.compare_digest(former, digest)


class NewKey(Key, frozen=True, kw_only=True):
    """A key to issue: its secret is given by the environment, or made and shown once.

    ``days`` is the time to live of one whose secret is made.
    """

    id: Annotated[str, Mark.DERIVED] = ""
    digest: Annotated[str, Mark.DERIVED] = ""
    secret: Annotated[
        Reference, Label("Variable that holds its secret", "Variabele met het geheim")
    ] = ""
    days: Annotated[int, Label("Life, in days", "Geldigheid, in dagen")] = 90

    def with_secret(self, key_id: str, digest: str, **issued: Any) -> Key:
        """The key with its id and the hash of its secret, and what else its issue decides."""
        stated = {one: getattr(self, one) for one in Key.__struct_fields__}
        return Key(**{**stated, "id": key_id, "digest": digest, **issued})
