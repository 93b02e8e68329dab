"""Unproven versions: what internal engines serve without a registered one, put on record."""

from collections.abc import Callable

import msgspec
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.core.model_life import UNPROVEN
from gateway.core.snapshot import ENGINE, Deployment, Provider, Snapshot
from gateway.governance.actor import SYSTEM
from gateway.governance.changes.basis import Author, Basis
from gateway.governance.changes.governed import Governed
from gateway.governance.journal import Journal
from gateway.governance.models.tables import model_version
from gateway.governance.models.versions import find_version
from gateway.routing import unproven, unproven_digest, unproven_name


class UnprovenVersions:
    """Records a version for each internal deployment that serves without a registered one."""

    def __init__(self, journal: Journal, governed: Governed, *, wall: Callable[[], float]) -> None:
        self._journal = journal
        self._governed = governed
        self._wall = wall

    async def record(self, connection: AsyncConnection, snapshot: Snapshot) -> bool:
        """Record those that a state lacks; returns whether there were any."""
        known = {f"{one.name}@{one.version}" for one in snapshot.models}
        found = [
            (deployment, provider)
            for deployment, provider in unproven(snapshot)
            if unproven_name(deployment, provider) not in known
        ]
        for deployment, provider in found:
            await self._insert(connection, deployment, provider)
        return bool(found)

    async def _insert(
        self, connection: AsyncConnection, deployment: Deployment, provider: Provider
    ) -> None:
        name, _, version = unproven_name(deployment, provider).partition("@")
        if await find_version(connection, name, version):
            return
        digest = unproven_digest(deployment, provider)
        async with self._governed.change(connection, SYSTEM, Basis.one(SYSTEM)):
            await connection.execute(
                insert(model_version).values(
                    name=name,
                    version=version,
                    kind=ENGINE,
                    digest=digest,
                    state=UNPROVEN,
                    clearance="restricted",
                    base_dir="",
                    base_digest="",
                    card="",
                    registered_by=SYSTEM.id,
                    registered_author=msgspec.json.encode(Author.of(SYSTEM)).decode(),
                    registered=self._wall(),
                )
            )
        await self._journal.record(
            connection,
            SYSTEM,
            "control:model:adopt",
            model=name,
            version=version,
            digest=digest,
            deployment=deployment.name,
            provider=provider.name,
        )
