"""Request and response bodies of ``/admin/v1/incidents``."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from gateway.governance.holds.schemas import MAX_REQUESTS
from gateway.governance.http.schemas import Body, ResponseBody

_MAX_TIME = 2**42  # the year 2109


class IncidentBody(Body):
    """A new incident; ``aware`` is epoch milliseconds, ``requests`` are audit ids."""

    kind: str = Field(min_length=1, max_length=32)
    description: str = Field(min_length=3, max_length=10_000)
    aware: int = Field(ge=0, le=_MAX_TIME)
    requests: list[Annotated[str, Field(min_length=1, max_length=64)]] = Field(
        default=[], max_length=MAX_REQUESTS
    )
    model: str | None = Field(default=None, max_length=128, pattern=r"^[\w.:@/-]+$")


class CloseBody(Body):
    """The outcome; ``reported`` is the time of the report to the authority (epoch milliseconds)."""

    outcome: str = Field(min_length=3, max_length=10_000)
    reported: int | None = Field(default=None, ge=0, le=_MAX_TIME)


class IncidentResponse(ResponseBody):
    """An incident without its texts; times are epoch milliseconds.

    ``state`` is open, overdue (open past its deadline) or closed.
    """

    id: str
    kind: str
    article: str
    model: str | None
    requests: list[str]
    hold: str | None
    aware: int
    deadline: int
    opened: int
    opened_by: str
    reported: int | None
    closed: int | None
    closed_by: str | None
    state: str


class IncidentListResponse(ResponseBody):
    """All incidents, open ones first, and the known kinds."""

    incidents: Sequence[IncidentResponse]
    kinds: list[str]
