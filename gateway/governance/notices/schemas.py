"""Response bodies of ``/admin/v1/notices``. Times are epoch milliseconds."""

from collections.abc import Sequence
from typing import Literal

from gateway.governance.http.schemas import ResponseBody


class NoticeChannelResponse(ResponseBody):
    """A channel without its addresses: when it took a message last, and why it fails."""

    name: str
    way: Literal["smtp", "webhook"]
    language: str
    roles: Sequence[str]
    every_minutes: int
    remind_hours: int
    sent: int | None
    failing_since: int | None
    failures: int
    reason: str | None


class NoticeChannelListResponse(ResponseBody):
    """The channels in the order of their file."""

    channels: Sequence[NoticeChannelResponse]


class NoticeTestResponse(ResponseBody):
    """Whether the receiver took the message, and why not."""

    channel: str
    sent: bool
    reason: str | None
