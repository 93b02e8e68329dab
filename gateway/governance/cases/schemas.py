"""Request and response bodies that several kinds of cases share."""

from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from gateway.governance.http.schemas import Body, ResponseBody


class CaseTextsResponse(ResponseBody):
    """The texts of a case by part."""

    texts: dict[str, str]


class RemovedTexts(ResponseBody):
    """How many texts of a case were removed at a moment (epoch milliseconds), and by what."""

    count: int
    at: int
    by: Literal["retention", "erasure"]


class CaseTextsState(ResponseBody):
    """The number of texts of a case that are kept, and those that were removed.

    ``until`` is when the kept ones are removed (epoch milliseconds), unless a legal hold or
    something that is still to be done keeps them; null while the case is open.
    """

    kept: int = 0
    until: int | None = None
    removed: Sequence[RemovedTexts] = ()


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
