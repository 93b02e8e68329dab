"""Request and response bodies of ``/admin/v1/break-glass``."""

from pydantic import Field

from gateway.governance.http.schemas import Body, ResponseBody


class ReviewBody(Body):
    """What a review of an exception found."""

    comment: str = Field(min_length=3, max_length=2000)


class ExceptionResponse(ResponseBody):
    """A break-glass exception; times are epoch seconds.

    ``state`` is active, ended (a review is due), overdue (the review is late) or reviewed.
    """

    id: str
    subject: str
    state: str
    author: str
    approver: str
    began: float
    until: float
    ended: float | None
    review_due: float
    reviewed: float | None
    reviewed_by: str | None
    review: str | None


class ExceptionListResponse(ResponseBody):
    """All exceptions, newest first."""

    exceptions: list[ExceptionResponse]
