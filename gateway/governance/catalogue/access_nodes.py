"""Keys and teams in ``sluis.yaml``: who may use what, and how much of it."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import Field

from gateway.governance.access_control.permissions import Permissions
from gateway.governance.catalogue.config_values import (
    MAX_DAYS,
    Currency,
    LevelName,
    Money,
    Name,
    Network,
    Node,
    PerMinute,
    PersonName,
    Reference,
    Seconds,
    Text,
)

Fault = tuple[tuple[Any, ...], str]


class BudgetNode(Node):
    """Money for a period."""

    amount: Money
    currency: Currency = "EUR"
    period: Literal["month"] = "month"


class LimitsNode(Node):
    """Limits per minute, and on answers at one time."""

    requests_per_minute: PerMinute | None = None
    tokens_per_minute: PerMinute | None = None
    concurrent: PerMinute | None = None


class AllowanceNode(Node):
    """Limits and a budget."""

    limits: LimitsNode = LimitsNode()
    budget: BudgetNode | None = None


class SelfServiceNode(Node):
    """What the members of a team may issue to themselves; models and purposes are named."""

    models: list[Name] = Field(min_length=1)
    purposes: list[Name] = Field(min_length=1)
    clearance: LevelName = "internal"
    days: Annotated[int, Field(ge=1, le=MAX_DAYS)] = 30
    keys_per_person: Annotated[int, Field(ge=1, le=100)] = 1


class TeamSettings(Node):
    """What a team has beside its name."""

    floor: LevelName = "internal"
    budget: BudgetNode | None = None
    limits: LimitsNode = LimitsNode()
    per_person: AllowanceNode = AllowanceNode()
    per_model: dict[Name, AllowanceNode] = Field(default={})
    self_service: SelfServiceNode | None = None
    lead: PersonName | None = None


class TeamNode(TeamSettings):
    """A group of keys."""

    name: Name


class KeyNode(Node):
    """A key whose secret is given by the environment."""

    name: Name
    kind: Literal["app", "person", "admin"] = "app"
    secret: Reference
    team: Name | None = None
    models: list[Name] = Field(default=[])
    purposes: list[Name] = Field(default=[])
    roles: list[Text] = Field(default=[])
    clearance: LevelName = "confidential"
    floor: LevelName = "internal"
    strict: bool = False
    expires: Seconds | None = None
    owner: PersonName | None = None
    limits: LimitsNode = LimitsNode()
    budget: BudgetNode | None = None
    networks: list[Network] = Field(default=[])


def faults_of_rights(
    keys: Sequence[KeyNode],
    teams: Sequence[TeamNode],
    roles: Mapping[int, Iterable[str]],
    *,
    models: Collection[str],
    purposes: Collection[str],
) -> Iterator[Fault]:
    """Names that do not exist, each with those that do; ``roles`` are those of each issuer."""
    known = Permissions().roles
    for index, key in enumerate(keys):
        yield from _missing(("keys", index, "models"), key.models, models, "alias or deployment")
        yield from _missing(("keys", index, "roles"), key.roles, known, "role")
    for index, team in enumerate(teams):
        yield from faults_of_team(team, models, purposes, ("teams", index))
    for index, given in roles.items():
        yield from _missing(("identity", "issuers", index, "roles"), given, known, "role")


def faults_of_team(
    team: TeamSettings,
    models: Collection[str],
    purposes: Collection[str],
    where: tuple[Any, ...] = (),
) -> Iterator[Fault]:
    """Names in a team that do not exist, each with those that do."""
    yield from _missing((*where, "per_model"), team.per_model, models, "alias or deployment")
    if own := team.self_service:
        at = (*where, "self_service")
        yield from _missing((*at, "models"), own.models, models, "alias or deployment")
        yield from _missing((*at, "purposes"), own.purposes, purposes, "use case")


def _missing(
    where: tuple[Any, ...], names: Iterable[str], known: Collection[str], what: str
) -> Iterator[Fault]:
    listed = ", ".join(sorted(known)) or "none"
    for name in names:
        if name not in known:
            yield where, f"there is no {what} {name!r} (known: {listed})"
