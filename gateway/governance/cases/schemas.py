"""Request and response bodies that several kinds of cases share."""

from typing import Literal

from pydantic import Field

from gateway.governance.http.schemas import Body, ResponseBody


class CaseTextsResponse(ResponseBody):
    """The texts of a case by part."""

    texts: dict[str, str]


class CaseMessage(ResponseBody):
    """A message of a case without its text, which is the part ``message.NUMBER``.

    ``direction`` is sent or received; ``at`` is epoch milliseconds.
    """

    number: int
    at: int
    by: str
    direction: str


class CaseTotals(ResponseBody):
    """How many cases there are; ``open`` includes what is ``overdue``, ``ended`` is over."""

    open: int
    overdue: int
    ended: int


class MessageBody(Body):
    """A message to the person of a case, or one that came from that person."""

    text: str = Field(min_length=1, max_length=10_000)
    direction: Literal["sent", "received"]
