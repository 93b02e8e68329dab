"""Request and response bodies of ``/admin/v1/deadlines``."""

from collections.abc import Mapping, Sequence

from gateway.governance.cases.deadlines.rules import DeadlineFields, DeadlineRule
from gateway.governance.http.schemas import ReasonBody, ResponseBody


class DeadlineBody(ReasonBody):
    """What a row is to state, and why it changes."""

    deadline: DeadlineFields


class DeadlineResponse(DeadlineRule):
    """A row; ``own`` says that the organisation has changed or added it.

    ``applies`` is now, later or unknown, by today and ``applies_from``.
    """

    own: bool
    applies: str


class DeadlineListResponse(ResponseBody):
    """All rows by id, and the kinds of incidents and requests."""

    deadlines: Sequence[DeadlineResponse]
    kinds: Mapping[str, Sequence[str]]
