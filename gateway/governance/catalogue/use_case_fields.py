"""What is stated about a use case and a contract, in a file or by the API, and what is refused."""

import datetime
from typing import Literal

from pydantic import Field, field_validator

from gateway.core.level import Zone
from gateway.core.snapshot import UseCase
from gateway.governance.catalogue.access_nodes import BudgetNode, LimitsNode
from gateway.governance.catalogue.config_values import LevelName, Node, Text
from gateway.governance.catalogue.processing_register import Days, UseCaseRecord

_PROHIBITED = (
    "article 5 of the AI Act prohibits such practices: a use case of this risk is not registered, "
    "and no key can use it"
)


# Deployers of whom AI Act article 27(1) asks an assessment of the impact on fundamental rights: of
# public law, with public services, and of points 5(b) and (c) of Annex III.
_NEED_FRIA = frozenset({"public-body", "public-service", "creditworthiness", "insurance"})


class UseCaseFields(UseCaseRecord):
    """A registered purpose without its name. After ``review`` its requests get a warning.

    ``limits`` and ``budget`` hold for all its requests together. ``transparency`` are the duties of
    AI Act article 50 that its answers meet, empty where it has none. ``deployer`` is as what the
    organisation uses it (AI Act article 27).
    """

    owner: Text
    legal_basis: Text
    risk: Literal["minimal", "limited", "high", "prohibited"]
    floor: LevelName = "internal"
    zones: list[Zone] = Field(default=[])
    review: datetime.date | None = None
    limits: LimitsNode = LimitsNode()
    budget: BudgetNode | None = None
    transparency: list[Literal["notice", "marking", "disclosure"]] | None = None
    deployer: (
        Literal["public-body", "public-service", "creditworthiness", "insurance", "other"] | None
    ) = None

    @field_validator("risk")
    @classmethod
    def _permitted(cls, value: str) -> str:
        if value == "prohibited":
            raise ValueError(_PROHIBITED)
        return value

    @field_validator("transparency")
    @classmethod
    def _once(cls, value: list[str] | None) -> list[str] | None:
        if value is not None and len(set(value)) != len(value):
            raise ValueError("a duty is listed twice")
        return value


class ContractNode(Node):
    """The contract with a provider; it covers confidential text until the end of ``review`` (UTC).

    ``retention`` is in days, or in words; ``training`` says whether the provider trains on the
    data, or under which terms.
    """

    region: Text
    transfer_basis: Text
    review: datetime.date
    subprocessors: list[Text] | None = None
    retention: Days | Text | None = None
    training: bool | Text | None = None
    reference: Text | None = None


def needs_fria(case: UseCaseFields | UseCase) -> bool:
    """Whether a use case lacks the assessment of the impact on fundamental rights by law."""
    return case.risk == "high" and not case.fria and case.deployer in _NEED_FRIA


def missing_for_high_risk(case: UseCaseFields | UseCase) -> str | None:
    """What a use case of high risk lacks; None for a complete one, and for any other risk."""
    if case.risk != "high":
        return None
    missing = [] if case.dpia or case.fria else ["dpia or fria (the address of the assessment)"]
    if needs_fria(case):
        why = f"AI Act article 27 asks for it where the deployer is {case.deployer}"
        missing = [f"fria ({why}; a dpia does not take its place)"]
    missing += [] if case.review else ["review (the day of the next review)"]
    return f"a use case of high risk needs {' and '.join(missing)}" if missing else None
