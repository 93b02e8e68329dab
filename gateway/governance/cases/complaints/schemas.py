"""Request and response bodies of ``/complaints`` and ``/admin/v1/complaints``."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from gateway.governance.cases.schemas import CaseMessage, CaseTextsState, CaseTotals
from gateway.governance.http.schemas import Body, ResponseBody


class ComplaintBody(Body):
    """The ``x-sluis-audit-id`` of an answer, and what is wrong with the answer."""

    receipt: str = Field(max_length=200)
    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=10_000)]
    language: Literal["nl", "en"]


class DecisionBody(Body):
    """The decision, its reasons, and the answer that is sent to the complainant."""

    outcome: Literal["upheld", "partly", "rejected"]
    reasons: str = Field(min_length=3, max_length=10_000)
    answer: str = Field(default="", max_length=10_000)


class ReceivedResponse(ResponseBody):
    """The id of a new complaint, and a message to the complainant."""

    id: str
    message: str


class ComplaintResponse(ResponseBody):
    """A complaint without its texts; times are epoch milliseconds.

    ``state`` is open, overdue (open past its deadline) or decided.
    """

    id: str
    request: str
    language: str
    hold: str
    deadline: int
    opened: int
    outcome: str | None
    decided: int | None
    decided_by: str | None
    article: str | None
    extended: int | None
    messages: Sequence[CaseMessage]
    state: str
    texts: CaseTextsState = CaseTextsState()


class ComplaintListResponse(ResponseBody):
    """A page of complaints, open ones first; ``totals`` count all complaints.

    ``next`` is the cursor of the page after this one.
    ``names`` are those of the keys by which people acted, by id.
    """

    complaints: Sequence[ComplaintResponse]
    next: str | None
    totals: CaseTotals
    names: Mapping[str, str] = {}


class DecidedResponse(ResponseBody):
    """A complaint with the outcome of its decision."""

    id: str
    state: str
    outcome: str


class ExplanationResponse(ResponseBody):
    """What happened to the request of a complaint, in plain sentences of one language."""

    complaint: str
    request: str
    language: str
    sentences: Sequence[str]
