"""Request and response bodies of ``/admin/v1/reports``."""

from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from gateway.governance.catalogue.processing_register import Timezone
from gateway.governance.http.schemas import Body, ResponseBody

ReportKind = Literal["activity", "processing", "ai-act", "algorithms"]
Language = Literal["en", "nl"]
Format = Literal["pdf", "csv", "json", "parquet"]
_MAX_TIME = 2**42  # the year 2109


class ReportBody(Body):
    """A kind and a period in epoch milliseconds; ``until`` is exclusive."""

    kind: ReportKind
    since: int = Field(ge=0, le=_MAX_TIME)
    until: int = Field(ge=0, le=_MAX_TIME)
    language: Language = "en"
    format: Format = "pdf"
    timezone: Timezone | None = None


class StoredReport(ResponseBody):
    """A scheduled report that was made; times are epoch milliseconds."""

    id: str
    kind: str
    every: str
    since: int
    until: int
    made: int
    digest: str
    signature: str


class ScheduledReport(ResponseBody):
    """A kind of report that is made after each week or month."""

    kind: str
    every: str


class ReportsResponse(ResponseBody):
    """What can be made, what is scheduled, and what is stored, newest first."""

    kinds: list[str]
    languages: list[str]
    formats: list[str]
    timezone: str
    regular: list[ScheduledReport]
    stored: Sequence[StoredReport]


class ReportCheckResponse(ResponseBody):
    """The result of counting a stored report again.

    ``same`` is whether every figure is the same; erased entries may make a difference.
    """

    same: bool
    entries: int
    erased_then: int
    erased_now: int
