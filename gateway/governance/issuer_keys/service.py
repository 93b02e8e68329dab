"""The signing keys of issuers, kept in the database for all control planes.

They are fetched each minute, and at once when a token names an unknown key: here, for the token of
an administrator, or in a gateway, which leaves a note. Anybody can write such a token, as it is not
believed before its key is known. So each issuer is asked at most once in ``AT_MOST_EVERY_S`` for
that reason.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import orjson
from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.core.snapshot import KEY_REQUESTS, Issuer
from gateway.governance.changes.tables import catalogue
from gateway.governance.issuer_keys.fetch import FAULTS, FetchedKeys, fetch
from gateway.governance.issuer_keys.tables import issuer_keys
from gateway.storage.database import Database

logger = logging.getLogger(__name__)
AT_MOST_EVERY_S = 30.0
_LONGEST_REASON = 300


class IssuerKeys:
    """Fetches and keeps the keys of the issuers in the catalogue."""

    def __init__(
        self,
        database: Database,
        *,
        wall: Callable[[], float],
        clock: Callable[[], float],
        directory: Path | None,
    ) -> None:
        """``directory`` is where a gateway in embedded mode leaves its notes; else the database.

        ``wall`` is epoch seconds, ``clock`` monotonic seconds.
        """
        self._database = database
        self._wall = wall
        self._clock = clock
        self._directory = directory
        self._asked: set[str] = set()  # notes that wait until they may be followed
        self._followed: dict[str, float] = {}  # by issuer, by the clock
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def refresh(self) -> list[str]:
        """Fetch the keys of all issuers; gives the problems by issuer.

        An unreachable issuer keeps its last keys, for as long as its ``keys_max_age``.
        """
        async with self._database.read() as connection:
            issuers = await configured_issuers(connection)
        problems = await asyncio.gather(*(self._fetch(issuer) for issuer in issuers))
        async with self._database.write() as connection:
            known = [issuer.issuer for issuer in await configured_issuers(connection)]
            await connection.execute(delete(issuer_keys).where(issuer_keys.c.issuer.not_in(known)))
        return [problem for problem in problems if problem]

    async def refresh_one(self, address: str) -> None:
        """Fetch the keys of one issuer, unless that was done a moment ago.

        Of calls at the same time one fetches; the others wait for it.
        """
        async with self._locks[address]:
            if not self._may_follow(address):
                return
            async with self._database.read() as connection:
                issuers = await configured_issuers(connection)
            for issuer in issuers:
                if issuer.issuer == address:
                    self._followed[address] = self._clock()
                    await self._fetch(issuer)

    async def follow_notes(self) -> bool:
        """Fetch what gateways asked for, and what was never fetched; gives whether it did."""
        self._asked |= await self._notes()
        async with self._database.read() as connection:
            known = {issuer.issuer for issuer in await configured_issuers(connection)}
            kept = set((await connection.execute(select(issuer_keys.c.issuer))).scalars())
        self._asked &= known
        now = {one for one in self._asked | (known - kept) if self._may_follow(one)}
        self._asked -= now
        await asyncio.gather(*(self.refresh_one(address) for address in now))
        return bool(now)

    async def issuers(self) -> list[Issuer]:
        """The issuers with their keys."""
        async with self._database.read() as connection:
            return await self.with_keys(connection, await configured_issuers(connection))

    async def fetched(self) -> dict[str, float]:
        """When the keys of each issuer were last fetched: epoch seconds by address."""
        async with self._database.read() as connection:
            rows = await connection.execute(select(issuer_keys.c.issuer, issuer_keys.c.fetched))
            return {row.issuer: row.fetched for row in rows}

    async def with_keys(
        self, connection: AsyncConnection, issuers: Sequence[Issuer]
    ) -> list[Issuer]:
        """These issuers with the keys that were fetched, without keys that are too old."""
        rows = (await connection.execute(select(issuer_keys))).all()
        kept = {row.issuer: row for row in rows}
        return [self._with_kept(issuer, kept.get(issuer.issuer)) for issuer in issuers]

    def _with_kept(self, issuer: Issuer, row: Row[Any] | None) -> Issuer:
        if row is None or self._wall() - row.fetched > issuer.keys_max_age:
            return issuer
        kept = msgspec.json.decode(row.document, type=FetchedKeys)
        return msgspec.structs.replace(issuer, keys=kept.keys, published=kept.published)

    async def adopt(self, connection: AsyncConnection, published: Iterable[Issuer]) -> None:
        """Keep the keys of a published snapshot that are not kept here yet.

        So an upgrade does not need every provider to be up.
        """
        kept = set((await connection.execute(select(issuer_keys.c.issuer))).scalars())
        for issuer in published:
            if issuer.keys and issuer.issuer not in kept:
                keys = FetchedKeys(issuer.keys, issuer.published)
                await self._keep(connection, issuer.issuer, keys)

    async def _fetch(self, issuer: Issuer) -> str | None:
        """Fetch and keep; gives the problem, if there was one."""
        try:
            found = await fetch(issuer)
        except FAULTS as error:
            reason = f"{type(error).__name__}: {error}".rstrip(": ")[:_LONGEST_REASON]
            problem = f"{issuer.name}: its signing keys could not be fetched ({reason})"
            logger.warning("issuer:keys:failed", extra={"reason": problem})
            return problem
        async with self._database.write() as connection:
            await self._keep(connection, issuer.issuer, found)
        return None

    async def _keep(self, connection: AsyncConnection, address: str, keys: FetchedKeys) -> None:
        document = msgspec.json.encode(keys).decode()
        values = {"document": document, "fetched": self._wall()}
        changed = await connection.execute(
            update(issuer_keys).where(issuer_keys.c.issuer == address).values(**values)
        )
        if not changed.rowcount:
            await connection.execute(insert(issuer_keys).values(issuer=address, **values))

    def _may_follow(self, address: str) -> bool:
        last = self._followed.get(address)
        return last is None or self._clock() - last >= AT_MOST_EVERY_S

    async def _notes(self) -> set[str]:
        """Take the notes of gateways: of two control planes one gets each."""
        if self._directory is not None:
            return _taken(self._directory / KEY_REQUESTS)
        async with self._database.read() as connection:
            asked = select(issuer_keys.c.issuer).where(issuer_keys.c.asked.is_not(None))
            if (await connection.execute(asked)).first() is None:
                return set()
        async with self._database.write() as connection:
            taken = (
                update(issuer_keys)
                .where(issuer_keys.c.asked.is_not(None))
                .values(asked=None)
                .returning(issuer_keys.c.issuer)
            )
            return set((await connection.execute(taken)).scalars())


async def configured_issuers(connection: AsyncConnection) -> list[Issuer]:
    """The issuers of the catalogue, without keys."""
    rows = await connection.execute(
        select(catalogue.c.document)
        .where(catalogue.c.kind == "issuer")
        .order_by(catalogue.c.position)
    )
    return [msgspec.json.decode(document, type=Issuer) for document in rows.scalars()]


def _taken(path: Path) -> set[str]:
    try:
        noted = orjson.loads(path.read_bytes())
        path.unlink()
    except (FileNotFoundError, orjson.JSONDecodeError):
        return set()
    return {one for one in noted if isinstance(one, str)} if isinstance(noted, list) else set()
