"""Request and response bodies of ``/admin/v1/audit``."""

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from pydantic import Field, JsonValue

from gateway.evidence.disclosure_profile import DisclosureProfile
from gateway.governance.http.schemas import Body, ReasonBody, ResponseBody, WaitingChange

RevealCode = Literal[
    "complaint", "incident", "person_request", "flagged", "audit", "authority", "fault", "other"
]


class RevealBody(ReasonBody):
    """What a reveal is for, and why; clients of before say only why."""

    code: RevealCode = "other"


class ExportBody(Body):
    """A period in epoch milliseconds; ``until`` is exclusive. A full package needs a reason.

    ``where`` opens only entries with one of the given values in each of the given fields.
    """

    since: int
    until: int
    formats: list[str] = Field(default=["jsonl", "csv"])
    profile: DisclosureProfile = DisclosureProfile.PSEUDONYMISED
    reason: str = Field(default="", max_length=500)
    where: dict[str, list[str]] = Field(default_factory=dict)


class EntrySummary(ResponseBody):
    """An entry of a search; ``time`` is epoch milliseconds.

    ``name`` and ``person`` are of who acted; of a request, ``name`` is that of its key. ``rule`` is
    the first that refused it.
    """

    log: str
    seq: int
    request: str
    time: int
    event: str
    principal: str | None
    team: str | None
    model: str | None
    deployment: str | None
    zone: str | None
    level: str | None
    outcome: str | None
    cost_micros: int | None
    name: str | None = None
    person: str | None = None
    latency_ms: int | None = None
    rule: str | None = None


class SearchResponse(ResponseBody):
    """A page of entries, newest first. ``before`` leads to the next page; null at the end."""

    entries: list[EntrySummary]
    before: str | None

    @classmethod
    def of(cls, rows: Iterable[Mapping[str, Any]], before: str | None) -> "SearchResponse":
        """The page with these rows."""
        return cls(entries=[EntrySummary(**row) for row in rows], before=before)


class EntryResponse(ResponseBody):
    """An entry with its disclosed fields and its leaf hash; ``time`` is epoch milliseconds."""

    log: str
    seq: int
    time: int
    event: str
    hash: str
    has_payload: bool
    fields: dict[str, JsonValue]


class RequestEntriesResponse(ResponseBody):
    """Every entry of one request, in order."""

    entries: list[EntryResponse]


class PayloadResponse(ResponseBody):
    """A stored body, redacted; null once it is erased."""

    event: str
    erased: bool
    body: JsonValue


class RevealResponse(ResponseBody):
    """The stored bodies of one request."""

    payloads: list[PayloadResponse]


class PendingRevealResponse(WaitingChange):
    """The proposal that a reveal waits for, and the roles that may approve it."""

    roles: list[str]
    message: str


class LoggedEntryResponse(ResponseBody):
    """An entry with its position in the tree and its audit path; hashes are hex."""

    log: str
    seq: int
    index: int
    leaf: str
    hash: str
    proof: list[str]


class ReceiptResponse(ResponseBody):
    """A receipt of the entries of a request, under a signed checkpoint."""

    version: int
    audit_id: str
    checkpoint: str
    keys: str
    entries: list[LoggedEntryResponse]


class PendingExportResponse(ResponseBody):
    """The proposal that a full export waits for, and the roles that may approve it."""

    state: str
    proposal: str
    roles: list[str]
    message: str
