"""Use cases: registered purposes (AI Act, GDPR article 30)."""

from typing import Annotated

from gateway.core.level import Zone
from gateway.core.objects.declare import ChangeRule, Checked, Choice, Harmless, Label
from gateway.core.objects.effects import lower_level, more_items_or_all, replaced, risk_class
from gateway.core.objects.teams import (
    LOWEST_FLOOR,
    NO_LIMITS,
    GovernedBudget,
    GovernedLimits,
)
from gateway.core.objects.value import SnapshotValue
from gateway.core.objects.values import Day, LevelName, Link, Name, Text

STARTS = "use_case.risk"  # the power, and its field: what starts a use case
_DECIDES_NOTHING = Harmless("a text for registers and reports; it decides nothing")
_PROHIBITED = (
    "article 5 of the AI Act prohibits such practices: a use case of this risk is not registered, "
    "and no key can use it"
)
_TRANSPARENCY = Choice(("notice", "marking", "disclosure"))
_DEPLOYERS = Choice((
    "public-body",
    "public-service",
    "creditworthiness",
    "insurance",
    "other",
))


def _permitted(value: str) -> str:
    if value == "prohibited":
        raise ValueError(_PROHIBITED)
    return value


def _once(value: list[str]) -> list[str]:
    if len(set(value)) != len(value):
        raise ValueError("a duty is listed twice")
    return value


class UseCase(SnapshotValue, frozen=True):
    """A registered purpose. After the day of ``review`` its requests get a warning.

    ``transparency`` are the duties of AI Act article 50 that its answers meet; None where that is
    not stated. ``limits`` and ``budget`` hold for all its requests together, of whatever team.
    ``overseer`` is who oversees its answers (AI Act article 14), ``data_categories`` are categories
    of personal data (GDPR article 30), ``dpia`` and ``fria`` the address of an assessment: of the
    impact on data protection (GDPR article 35) or on fundamental rights (AI Act article 27).
    ``deployer`` is as what the organisation uses it (AI Act article 27).
    """

    name: Annotated[Name, Label("Name", "Naam")]
    owner: Annotated[Text, Label("Owner", "Eigenaar")]
    legal_basis: Annotated[Text, Label("Legal basis", "Grondslag")]
    risk: Annotated[
        str,
        Choice(("minimal", "limited", "high", "prohibited")),
        Checked(_permitted),
        Label("Risk class (AI Act)", "Risicoklasse (AI-verordening)"),
        ChangeRule(STARTS, risk_class),
    ]
    floor: Annotated[
        LevelName,
        Label("Lowest level that its requests have", "Laagste niveau van de verzoeken"),
        ChangeRule("use_case.floor", lower_level, LOWEST_FLOOR),
    ] = LOWEST_FLOOR
    zones: Annotated[
        list[Zone],
        Label("Zones that it may use; empty for all", "Zones die het gebruikt; leeg is alle"),
        ChangeRule("use_case.zones", more_items_or_all, []),
    ] = []
    review: Annotated[
        Day,
        Label("Day of the next review", "Dag van de volgende herziening"),
        ChangeRule("use_case.review", replaced),
    ] = ""
    description: Annotated[Text | None, Label("Description", "Omschrijving"), _DECIDES_NOTHING] = (
        None
    )
    overseer: Annotated[
        Text | None, Label("Who oversees its answers", "Wie toezicht houdt op de antwoorden")
    ] = None
    data_subjects: Annotated[
        Text | None, Label("Data subjects", "Betrokkenen"), _DECIDES_NOTHING
    ] = None
    data_categories: Annotated[
        list[Text] | None,
        Label("Categories of personal data", "Categorieën persoonsgegevens"),
        _DECIDES_NOTHING,
    ] = None
    dpia: Annotated[Link | None, Label("Address of the DPIA", "Adres van de DPIA (GEB)")] = None
    fria: Annotated[
        Link | None,
        Label("Address of the FRIA", "Adres van de FRIA (effect op grondrechten)"),
    ] = None
    limits: GovernedLimits = NO_LIMITS
    budget: GovernedBudget = None
    transparency: Annotated[
        list[Annotated[str, _TRANSPARENCY]] | None,
        Checked(lambda value: value if value is None else _once(value)),
        Label("Duties of AI Act article 50", "Plichten van artikel 50 AI-verordening"),
    ] = None
    deployer: Annotated[
        Annotated[str, _DEPLOYERS] | None,
        Label("As what the organisation uses it", "In welke rol de organisatie het gebruikt"),
    ] = None
