"""Proposals that the readers of a channel were asked to review, as rows it has not received yet."""

from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.governance.notices.channels import NoticeChannel
from gateway.governance.notices.tables import notice_item
from gateway.governance.proposals.asked import ROLE
from gateway.governance.proposals.states import PENDING
from gateway.governance.proposals.tables import proposal, proposal_reviewer

ASKED = "asked"


async def newly_asked(
    connection: AsyncConnection, channel: NoticeChannel, now: int
) -> list[dict[str, Any]]:
    """What its roles were asked, or a person whose mailbox it goes to; ``now`` is milliseconds."""
    known = select(notice_item.c.item).where(
        notice_item.c.channel == channel.name,
        notice_item.c.item == proposal.c.id,
        notice_item.c.stage == ASKED,
    )
    columns = proposal.c.id, proposal.c.kind, proposal_reviewer.c.name, proposal_reviewer.c.persons
    query = (
        select(*columns, proposal_reviewer.c.kind.label("asked"))
        .join(proposal_reviewer, proposal_reviewer.c.proposal == proposal.c.id)
        .where(proposal.c.state == PENDING, ~known.exists())
    )
    found = [row for row in await connection.execute(query) if _reaches(row, channel)]
    return [
        {
            "channel": channel.name,
            "item": identity,
            "stage": ASKED,
            "due": 0,
            "source": "proposal",
            "base": identity,
            "kind": kind,
            "noted": now,
        }
        for identity, kind in {row.id: row.kind for row in found}.items()
    ]


def _reaches(row: Any, channel: NoticeChannel) -> bool:
    if row.asked == ROLE:
        return row.name in channel.roles
    mailboxes = {mailbox.casefold() for mailbox in channel.smtp.to} if channel.smtp else set()
    return not mailboxes.isdisjoint(orjson.loads(row.persons))
