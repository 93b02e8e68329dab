"""``/admin/v1/notices``: the channels, how they do, and a test of one."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path

from gateway.governance.actor import Actor
from gateway.governance.http.permissions import Guard
from gateway.governance.notices.schemas import (
    NoticeChannelListResponse,
    NoticeChannelResponse,
    NoticeTestResponse,
)
from gateway.governance.notices.service import Notices

_Name = Annotated[str, Path(max_length=64)]


def router(guard: Guard, notices: Notices) -> APIRouter:
    """The routes of this slice."""
    routes = APIRouter(prefix="/notices")
    read = Depends(guard.allowed("catalogue:read"))
    write = Depends(guard.allowed("catalogue:write"))

    @routes.get("", dependencies=[read])
    async def list_channels() -> NoticeChannelListResponse:
        states = await notices.states()
        found = []
        for one in notices.channels:
            state = states.get(one.name)
            found.append(
                NoticeChannelResponse(
                    name=one.name,
                    way="smtp" if one.smtp is not None else "webhook",
                    language=one.language,
                    roles=one.roles,
                    every_minutes=one.every_minutes,
                    remind_hours=one.remind_hours,
                    sent=state.sent if state else None,
                    failing_since=state.failing_since if state else None,
                    failures=state.failures if state else 0,
                    reason=state.reason if state else None,
                )
            )
        return NoticeChannelListResponse(channels=found)

    @routes.post("/{name}/test")
    async def test(name: _Name, actor: Annotated[Actor, write]) -> NoticeTestResponse:
        """Send a test message now."""
        reason = await notices.test(name, actor)
        return NoticeTestResponse(channel=name, sent=not reason, reason=reason or None)

    return routes
