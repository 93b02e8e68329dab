"""Refused registrations, approvals and promotions, put on record."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from gateway.core.errors import Denied, InvalidRequest
from gateway.governance.actor import Actor
from gateway.governance.journal import Journal
from gateway.storage.database import Database

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


class Refusals:
    """Writes an entry where a change of a version is refused because of what was asked."""

    def __init__(self, database: Database, journal: Journal) -> None:
        self._database = database
        self._journal = journal

    @asynccontextmanager
    async def recorded(
        self, actor: Actor, name: str, version: str, action: str
    ) -> AsyncIterator[None]:
        """Record a refusal of what runs in this context, in a transaction of its own.

        The transaction of the change has been rolled back by then. The entry has the code of the
        refusal and the field at fault; the message names files, so it is left out.
        """
        try:
            yield
        except (InvalidRequest, Denied) as refusal:
            async with self._database.write() as connection:
                await self._journal.record(
                    connection,
                    actor,
                    "control:model:refuse",
                    model=_named(name),
                    version=_named(version),
                    action=action,
                    code=refusal.code,
                    param=refusal.param,
                )
            raise


def _named(given: str) -> str | None:
    """What is a name; text of the caller that cannot be one stays off the record."""
    return given if _NAME.fullmatch(given) else None
