"""Statements for registers and reports. They never reach the data plane.

All of them are optional. Reports show a missing one as not stated.
"""

from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, field_validator

from gateway.core.objects.values import Days, Link, Text
from gateway.governance.catalogue.stated import Node

KINDS = ("activity", "processing", "ai-act", "algorithms")


def _exists(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(
            "there is no such time zone; write for example Europe/Amsterdam"
        ) from error
    return value


Timezone = Annotated[str, AfterValidator(_exists)]


class ProviderRecord(Node):
    """A provider as a recipient of personal data (GDPR article 30, paragraph 1, d and e)."""

    region: Text | None = None
    subprocessors: list[Text] | None = None
    retention_days: Days | None = None
    trains_on_data: bool | None = None
    transfer_basis: Text | None = None


class UseCaseRecord(Node):
    """A use case as a processing activity.

    ``overseer`` is who oversees its answers (AI Act article 14), ``data_categories`` are categories
    of personal data (GDPR article 30), ``dpia`` and ``fria`` the address of an assessment: of the
    impact on data protection (GDPR article 35) or on fundamental rights (AI Act article 27).
    """

    description: Text | None = None
    overseer: Text | None = None
    data_subjects: Text | None = None
    data_categories: list[Text] | None = None
    dpia: Link | None = None
    fria: Link | None = None


class OrganisationNode(Node):
    """The controller of the processing."""

    name: Text
    contact: Text | None = None
    data_protection_officer: Text | None = None


class RegularNode(Node):
    """A report that is made after each period."""

    kind: Literal["activity", "processing", "ai-act", "algorithms"]
    every: Literal["week", "month"] = "month"


class ReportsNode(Node):
    """Scheduled reports, and the time zone of their periods."""

    timezone: Timezone = "UTC"
    regular: list[RegularNode] = Field(default=[])

    @field_validator("regular")
    @classmethod
    def _once(cls, value: list[RegularNode]) -> list[RegularNode]:
        if len({(one.kind, one.every) for one in value}) != len(value):
            raise ValueError("a report is listed twice with the same period")
        return value


PROVIDER_RECORD = set(ProviderRecord.model_fields)
USE_CASE_RECORD = set(UseCaseRecord.model_fields)


class ProcessingRegister(Node):
    """All statements, by the names of providers and use cases, and the name of their file."""

    file: Text | None = None
    organisation: OrganisationNode | None = None
    reports: ReportsNode = ReportsNode()
    providers: dict[str, ProviderRecord] = Field(default={})
    use_cases: dict[str, UseCaseRecord] = Field(default={})
