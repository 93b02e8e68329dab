"""Request and response bodies of ``/admin/v1/person-requests``."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from gateway.governance.cases.schemas import CaseMessage, CaseTextsState, CaseTotals
from gateway.governance.http.schemas import Body, ResponseBody

_MAX_TIME = 2**42  # the year 2109
_Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=10_000)]
RequestOutcome = Literal["granted", "partly", "refused"]


class PersonRequestBody(Body):
    """A request that came in: its kind, when (epoch milliseconds), from whom, and what it asks."""

    kind: str = Field(min_length=1, max_length=32)
    received: int = Field(ge=0, le=_MAX_TIME)
    person: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]
    text: _Text


class IdentityBody(Body):
    """How it was established that the request is of this person."""

    how: _Text


class RequestDecisionBody(Body):
    """The decision, its reasons, and the answer that is sent to the person."""

    outcome: RequestOutcome
    reasons: _Text
    answer: str = Field(default="", max_length=10_000)


class PersonRequestResponse(ResponseBody):
    """A request without its texts; times are epoch milliseconds.

    ``state`` is open, overdue (open past its deadline) or decided. ``identified`` is when the
    identity of the person was established.
    """

    id: str
    kind: str
    received: int
    article: str | None
    deadline: int | None
    extended: int | None
    identified: int | None
    opened: int
    opened_by: str
    outcome: str | None
    decided: int | None
    decided_by: str | None
    messages: Sequence[CaseMessage]
    state: str
    texts: CaseTextsState = CaseTextsState()


class PersonRequestListResponse(ResponseBody):
    """A page of requests, open ones first, and the known kinds; ``totals`` count all requests.

    ``next`` is the cursor of the page after this one.
    ``names`` are those of the keys by which people acted, by id.
    """

    requests: Sequence[PersonRequestResponse]
    next: str | None
    totals: CaseTotals
    names: Mapping[str, str] = {}
    kinds: Sequence[str]
