"""Mandates: bounds within which one person acts alone.

What may be granted is what ``Widest`` declares, and nothing else. None of it decides who counts as
a person, or where bytes or credentials go: a level of a key chooses among destinations that two
persons approved.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from gateway.core.level import Level
from gateway.core.objects.declare import Bounds, ChangeRule, Choice, Label, fields_of
from gateway.core.objects.effects import Effect, lower_or_set
from gateway.core.objects.keys import KEY
from gateway.core.objects.teams import Budget
from gateway.core.objects.value import SnapshotValue
from gateway.core.objects.values import (
    MAX_DAYS,
    Day,
    LevelName,
    Name,
    PerMinute,
    PersonName,
)

MANDATE = "mandate"  # the kind, the basis of what is changed under one, and the power's name
OWN_TEAM = "team_lead"  # the role whose holder has the teams alone that the person leads
EXPIRES = "expires"  # of a key: granted as days, from the change on
_TEAM = "team"


@dataclass(frozen=True, slots=True)
class Grantable:
    """A field of objects of these kinds may be granted; ``within`` compares a value with a bound.

    A value that it cannot compare raises KeyError, TypeError, ValueError or AttributeError.
    """

    within: Callable[[Any, Any], bool]
    kinds: tuple[str, ...] = (KEY,)


def _number(most: Any, value: Any) -> bool:
    return _is_number(most) and _is_number(value) and value <= most


def _is_number(value: Any) -> bool:
    return type(value) in (int, float)


def _items(most: Any, value: Any) -> bool:
    """Named ones: an empty list permits everything."""
    return bool(value) and set(value) <= set(most)


def _up_to(most: Any, value: Any) -> bool:
    return Level.parse(value) <= Level.parse(most)


def _down_to(most: Any, value: Any) -> bool:
    return Level.parse(value) >= Level.parse(most)


def _limits(most: Any, value: Any) -> bool:
    """Each limit: one that is absent permits everything."""
    return all(_number(most.get(one), value.get(one)) for one in AllLimits.__struct_fields__)


def _money(most: Any, value: Any) -> bool:
    """An amount in the same currency for the same period."""
    return _terms(most) == _terms(value) and _number(most["amount"], value["amount"])


def _terms(budget: Mapping[str, Any]) -> tuple[Any, Any]:
    return budget.get("currency", "EUR"), budget.get("period", "month")


class AllLimits(SnapshotValue, frozen=True):
    """Each limit: one that is left out would be without a bound."""

    requests_per_minute: Annotated[PerMinute, Label("Requests a minute", "Verzoeken per minuut")]
    tokens_per_minute: Annotated[PerMinute, Label("Tokens a minute", "Tokens per minuut")]
    concurrent: Annotated[PerMinute, Label("Answers at one time", "Antwoorden tegelijk")]


class Widest(SnapshotValue, frozen=True):
    """The widest value of each field that is granted; ``expires`` is in days."""

    models: Annotated[
        list[Name] | None,
        Bounds(min_length=1),
        Label("Models and aliases", "Modellen en aliassen"),
        Grantable(_items),
    ] = None
    purposes: Annotated[
        list[Name] | None,
        Bounds(min_length=1),
        Label("Use cases", "Toepassingen"),
        Grantable(_items),
    ] = None
    clearance: Annotated[
        LevelName | None, Label("Highest level", "Hoogste niveau"), Grantable(_up_to)
    ] = None
    floor: Annotated[
        LevelName | None, Label("Lowest level", "Laagste niveau"), Grantable(_down_to)
    ] = None
    expires: Annotated[
        int | None,
        Bounds(at_least=1, at_most=MAX_DAYS),
        Label("Longest life, in days", "Langste geldigheid, in dagen"),
        Grantable(_number),
    ] = None
    limits: Annotated[
        AllLimits | None, Label("Limits", "Limieten"), Grantable(_limits, (KEY, _TEAM))
    ] = None
    budget: Annotated[Budget | None, Label("Budget", "Budget"), Grantable(_money, (KEY, _TEAM))] = (
        None
    )


class Grant(SnapshotValue, frozen=True):
    """Objects of one kind in these teams, or the teams themselves; ``most`` bounds each field."""

    kind: Annotated[str, Choice((KEY, _TEAM)), Label("Kind of object", "Soort object")]
    teams: Annotated[list[Name], Bounds(min_length=1, max_length=100), Label("Teams", "Teams")]
    most: Annotated[Widest, Label("Widest values", "Ruimste waarden")]

    def check(self) -> None:
        """As of the base: the fields are some that may be granted of the kind."""
        known = [name for name, one in _GRANTABLE.items() if self.kind in one.kinds]
        given = [name for name in _GRANTABLE if getattr(self.most, name) is not None]
        if not given or set(given) - set(known):
            raise ValueError(f"of a {self.kind} a mandate may grant: {', '.join(known)}")


_GRANTABLE: Mapping[str, Grantable] = {
    field.name: one
    for field in fields_of(Widest)
    for one in field.declared
    if isinstance(one, Grantable)
}


def is_within(kind: str, field: str, most: Any, value: Any) -> bool:
    """Whether a value of a field is within a bound; never of a field that is not granted."""
    grantable = _GRANTABLE.get(field)
    if grantable is None or kind not in grantable.kinds or most is None:
        return False
    try:
        return grantable.within(most, value)
    except (AttributeError, KeyError, TypeError, ValueError):
        return False  # a bound that says nothing permits nothing


def no_wider_grants(
    before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]
) -> Effect:
    """Grants: each lies within one of before."""
    narrower = all(any(_lies_in(old, new) for old in before) for new in after)
    return Effect.NARROWS if narrower else Effect.WIDENS


def _lies_in(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    return (
        new["kind"] == old["kind"]
        and set(new["teams"]) <= set(old["teams"])
        and all(
            is_within(new["kind"], name, old["most"].get(name), value)
            for name, value in new["most"].items()
        )
    )


class Mandate(SnapshotValue, frozen=True):
    """Bounds within which ``holder``, or who has ``role``, acts alone.

    ``until`` is the last day (ISO 8601, UTC). One of ``holder`` and ``role`` is set.
    """

    name: Annotated[Name, Label("Name", "Naam")]
    grants: Annotated[
        list[Grant],
        Bounds(min_length=1, max_length=20),
        Label("What it grants", "Wat het toestaat"),
        ChangeRule("mandates", no_wider_grants, []),
    ]
    until: Annotated[
        Day, Label("Last day (UTC)", "Laatste dag (UTC)"), ChangeRule("mandates", lower_or_set, "")
    ]
    holder: Annotated[PersonName | None, Label("Person", "Persoon")] = None
    role: Annotated[Name | None, Label("Role", "Rol")] = None

    def check(self) -> None:
        """As of the base: one of holder and role is named."""
        if (self.holder is None) == (self.role is None):
            raise ValueError("name a holder or a role")
