"""Teams: groups of keys, with what their members may use and spend."""

from typing import Annotated

from gateway.core.objects.declare import Bounds, ChangeRule, Choice, Label
from gateway.core.objects.effects import (
    any_change,
    lower_level,
    no_more_money,
    no_wider_allowance,
    no_wider_allowances,
    no_wider_limits,
)
from gateway.core.objects.value import SnapshotValue
from gateway.core.objects.values import (
    MAX_DAYS,
    Currency,
    LevelName,
    Money,
    Name,
    PerMinute,
    PersonName,
)

LOWEST_FLOOR = "internal"  # the floor of what names none
_SPENDING = "team.budget"


class Budget(SnapshotValue, frozen=True):
    """Money for a period; ``period`` is ``month``."""

    amount: Annotated[Money, Label("Amount", "Bedrag")]
    currency: Annotated[Currency, Label("Currency (ISO 4217)", "Munteenheid (ISO 4217)")] = "EUR"
    period: Annotated[str, Choice(("month",)), Label("Period", "Periode")] = "month"


class Limits(SnapshotValue, frozen=True):
    """Requests and tokens a minute, and answers at one time; None means no limit."""

    requests_per_minute: Annotated[
        PerMinute | None, Label("Requests a minute", "Verzoeken per minuut")
    ] = None
    tokens_per_minute: Annotated[
        PerMinute | None, Label("Tokens a minute", "Tokens per minuut")
    ] = None
    concurrent: Annotated[PerMinute | None, Label("Answers at one time", "Antwoorden tegelijk")] = (
        None
    )


NO_LIMITS = Limits()
GovernedBudget = Annotated[
    Budget | None,
    Label("The most that it may spend in a period", "Het meeste dat het in een periode uitgeeft"),
    ChangeRule(_SPENDING, no_more_money),
]
GovernedLimits = Annotated[
    Limits, Label("Limits", "Limieten"), ChangeRule(_SPENDING, no_wider_limits)
]


class Allowance(SnapshotValue, frozen=True):
    """Limits and a budget."""

    limits: Annotated[Limits, Label("Limits", "Limieten")] = NO_LIMITS
    budget: Annotated[Budget | None, Label("Budget", "Budget")] = None


class SelfService(SnapshotValue, frozen=True):
    """What the members of a team may issue to themselves.

    ``days`` is the longest life of such a key, ``keys_per_person`` how many may live at once.
    """

    models: Annotated[
        list[Name],
        Bounds(min_length=1),
        Label("Models and aliases of such keys", "Modellen en aliassen van zulke sleutels"),
    ]
    purposes: Annotated[
        list[Name],
        Bounds(min_length=1),
        Label("Use cases of such keys", "Toepassingen van zulke sleutels"),
    ]
    clearance: Annotated[
        LevelName, Label("Highest level that they may use", "Hoogste niveau dat zij gebruiken")
    ] = "internal"
    days: Annotated[
        int,
        Bounds(at_least=1, at_most=MAX_DAYS),
        Label("Longest life, in days", "Langste geldigheid, in dagen"),
    ] = 30
    keys_per_person: Annotated[
        int,
        Bounds(at_least=1, at_most=100),
        Label("Keys a person at one time", "Sleutels per persoon tegelijk"),
    ] = 1


class Team(SnapshotValue, frozen=True):
    """A group of keys that shares a budget and limits.

    ``per_person`` holds for each person in it, ``per_model`` for all of the team together, by alias
    or deployment. Without ``self_service`` its members issue no keys. ``lead`` is the person who
    sees its usage, budget and keys.
    """

    name: Annotated[Name, Label("Name", "Naam")]
    floor: Annotated[
        LevelName,
        Label("Lowest level that its requests have", "Laagste niveau van de verzoeken"),
        ChangeRule("team.floor", lower_level, LOWEST_FLOOR),
    ] = LOWEST_FLOOR
    budget: GovernedBudget = None
    limits: GovernedLimits = NO_LIMITS
    per_person: Annotated[
        Allowance,
        Label("Limits and budget of each person", "Limieten en budget van iedere persoon"),
        ChangeRule(_SPENDING, no_wider_allowance),
    ] = Allowance()
    per_model: Annotated[
        dict[Name, Allowance],
        Label("Limits and budget by alias or deployment", "Limieten en budget per alias of model"),
        ChangeRule(_SPENDING, no_wider_allowances),
    ] = {}
    self_service: Annotated[
        SelfService | None,
        Label("Keys that members issue to themselves", "Sleutels die leden zelf uitgeven"),
        ChangeRule("team.self_service", any_change),
    ] = None
    lead: Annotated[
        PersonName | None,
        Label("Person who sees usage, budget and keys", "Wie verbruik, budget en sleutels ziet"),
        ChangeRule("team.lead", any_change),
    ] = None
