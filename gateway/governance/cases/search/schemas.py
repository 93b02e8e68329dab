"""Request and response bodies of ``/admin/v1/cases``."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field, StringConstraints

from gateway.governance.http.schemas import Body, ResponseBody
from gateway.governance.person_keys import SubjectBody


class CaseSearchBody(Body):
    """Who is looked for, and why; what is given is looked for together, and any of it counts.

    ``subjects`` are identifiers of the person. All ``words`` must be in one text. ``pseudonym`` is
    that of whoever made a request that a case is about. ``before`` leads to the next page.
    """

    subjects: list[SubjectBody] = Field(default=[], max_length=100)
    words: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] = ""
    pseudonym: str = Field(default="", max_length=64)
    reason: str = Field(min_length=3, max_length=500)
    limit: int = Field(default=50, ge=1, le=200)
    before: str | None = Field(default=None, max_length=64)


class FoundCase(ResponseBody):
    """A case of the person without its texts; times are epoch milliseconds.

    ``kind`` is incident, complaint or request; ``type`` that of the incident or request. ``parts``
    are the texts that name the person. ``in_requests`` says that a request which the case is about
    mentions the person, or is by the pseudonym.
    """

    id: str
    kind: str
    type: str | None
    opened: int
    ended: int | None
    outcome: str | None
    parts: Sequence[str]
    in_requests: bool


class CaseSearchResponse(ResponseBody):
    """A page, newest cases first, and how many cases were looked at.

    ``before`` leads on; null when all cases were looked at. A page can be empty and lead on.
    """

    cases: Sequence[FoundCase]
    scanned: int
    before: str | None
