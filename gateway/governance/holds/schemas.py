"""Request and response bodies of ``/admin/v1/holds``."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from gateway.governance.http.schemas import Body, ResponseBody
from gateway.governance.person_keys import SubjectBody

MAX_REQUESTS = 1000
_MAX_TIME = 2**42  # the year 2109


class HoldBody(Body):
    """The conditions that all entries under the hold meet; times are epoch milliseconds."""

    reason: str = Field(min_length=3, max_length=500)
    review: int = Field(ge=0, le=_MAX_TIME)
    subjects: list[SubjectBody] = Field(default=[], max_length=100)
    since: int | None = Field(default=None, ge=0, le=_MAX_TIME)
    until: int | None = Field(default=None, ge=0, le=_MAX_TIME)
    use_case: str | None = Field(default=None, min_length=1, max_length=128)
    requests: list[Annotated[str, Field(min_length=1, max_length=64)]] = Field(
        default=[], max_length=MAX_REQUESTS
    )


class HoldResponse(ResponseBody):
    """A hold; times are epoch milliseconds.

    ``state`` is active, overdue (past its review date, still in force) or released. ``people`` are
    types of identifiers: by the keyed identifiers themselves a person could be found.
    """

    id: str
    state: str
    reason: str
    review: int
    people: list[str]
    since: int | None
    until: int | None
    use_case: str | None
    requests: list[str]
    created: int
    created_by: str
    released: int | None
    released_by: str | None


class HoldListResponse(ResponseBody):
    """All holds, those in force first."""

    holds: Sequence[HoldResponse]


class ReleaseResponse(ResponseBody):
    """The state of a hold: released, or pending with the proposal that another person decides."""

    id: str
    state: str
    proposal: str | None = None
