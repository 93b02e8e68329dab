"""Request and response bodies of ``/admin/v1/reviews``. Times are epoch milliseconds."""

from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from gateway.governance.http.schemas import Body, ResponseBody

ReviewState = Literal["open", "decided"]
ReviewOutcome = Literal["nothing", "term", "rule", "incident"]


class ReviewResponse(ResponseBody):
    """A flagged request; ``rules`` flagged it. ``reference`` is what the decision led to."""

    request: str
    time: int
    rules: Sequence[str]
    team: str
    key: str
    model: str
    use_case: str
    level: str
    state: ReviewState
    outcome: ReviewOutcome | None
    reference: str | None
    reason: str | None
    decided: int | None
    decided_by: str | None
    decided_by_name: str | None


class ReviewListResponse(ResponseBody):
    """A page, newest first, the number of open reviews, and the ``before`` of the next page."""

    reviews: Sequence[ReviewResponse]
    open: int
    before: str | None


class ReviewDecisionBody(Body):
    """What follows from a flagged request.

    ``reference`` is the id of the proposal of the term or the rule, or of the incident.
    """

    outcome: ReviewOutcome
    reference: str | None = Field(default=None, min_length=1, max_length=64)
    reason: str = Field(min_length=3, max_length=500)
