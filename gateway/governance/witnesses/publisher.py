"""The rounds: the newest head to every witness that has not seen it."""

import asyncio
import logging
from collections.abc import Callable

import httpx
from sqlalchemy import func, insert, select

from gateway.evidence.witness import WitnessConfig, WitnessEndpoint
from gateway.governance.audit import signing_keys
from gateway.governance.audit.log_reader import LogReader
from gateway.governance.audit.sequencer import Checkpoint, Sequencer
from gateway.governance.witnesses.file import FileWitness
from gateway.governance.witnesses.http import HttpWitness
from gateway.governance.witnesses.object_storage import ObjectWitness
from gateway.governance.witnesses.tsa import TsaWitness
from gateway.governance.witnesses.witness import (
    Head,
    LogForkDetected,
    Witness,
    WitnessFailed,
    WitnessReceipt,
)
from gateway.storage.database import Database
from gateway.storage.tables import log_witness

logger = logging.getLogger(__name__)
EVERY_S = 60.0
_LIMIT_S = 10.0  # for one witness in one round
_TIMEOUT = httpx.Timeout(5, connect=2)


class WitnessPublisher:
    """All witnesses of an installation."""

    def __init__(
        self,
        database: Database,
        log: Sequencer,
        witnessing: WitnessConfig,
        *,
        own: bytes,
        wall: Callable[[], float],
    ) -> None:
        """``own`` is the public key that signs now; ``wall`` is epoch seconds."""
        self._database = database
        self._log = log
        self._witnessing = witnessing
        self._own = own
        self._wall = wall
        self._reader = LogReader(database)
        self._asked: set[WitnessEndpoint] = set()  # since this process began

    async def show(self) -> None:
        """Shows the newest head to all, at once; what fails is an alarm in the log.

        Raises:
            TrailDamaged: when a witness holds proof of another history; nothing is signed any more.
        """
        if not self._witnessing.endpoints:
            return
        async with httpx.AsyncClient(
            timeout=_TIMEOUT, follow_redirects=False, trust_env=False
        ) as client:
            await asyncio.gather(
                *(self._one(place, client) for place in self._witnessing.endpoints)
            )
        self._log.check()

    async def _one(self, place: WitnessEndpoint, client: httpx.AsyncClient) -> None:
        size = await self._seen(place)
        newest = await self._log.latest()  # after the other: it is never the older one
        # Others are asked once more after a start, as they may have lost what they saw; a TSA keeps nothing.
        known = place in self._asked or place.kind == "tsa"
        if newest is None or (size == newest.size and known):
            return
        async with self._database.read() as connection:
            chain = await signing_keys.chain(connection, self._own)
        head = Head(newest, chain, size)
        try:
            if size > newest.size:
                raise LogForkDetected(
                    f"a witness was shown {size} entries, the log has {newest.size}"
                )
            async with asyncio.timeout(_LIMIT_S):
                shown = await self._witness(place, client).show(head, self._reader)
        except LogForkDetected as error:
            self._log.refuse(str(error))
            logger.critical(
                "log:witness:contradict", extra={"witness": place.label, "reason": str(error)}
            )
        except (WitnessFailed, OSError, TimeoutError) as error:
            reason = str(error) if isinstance(error, WitnessFailed) else type(error).__name__
            logger.error("log:witness:fail", extra={"witness": place.label, "reason": reason})
        else:
            self._asked.add(place)
            if size != newest.size:  # what was seen first says most: by then it was there
                await self._keep(place, newest, shown)

    def _witness(self, place: WitnessEndpoint, client: httpx.AsyncClient) -> Witness:
        if place.path is not None:
            return FileWitness(place.path)
        if place.kind == "s3":
            return ObjectWitness(place, self._witnessing.credentials, client, self._wall)
        if place.kind == "tsa":
            return TsaWitness(place, self._witnessing.tsa_certificates, client)
        return HttpWitness(place, self._witnessing.keys, client)

    async def _seen(self, place: WitnessEndpoint) -> int:
        """The size of the largest tree that a witness has seen, 0 when it has seen none."""
        largest = select(func.max(log_witness.c.size)).where(log_witness.c.witness == place.text)
        async with self._database.read() as connection:
            return (await connection.execute(largest)).scalar() or 0

    async def _keep(
        self, place: WitnessEndpoint, newest: Checkpoint, shown: WitnessReceipt
    ) -> None:
        async with self._database.write() as connection:
            await connection.execute(
                insert(log_witness).values(
                    witness=place.text,
                    label=place.label,
                    size=newest.size,
                    time=newest.time,
                    note=shown.note,
                    stamp=shown.stamp,
                )
            )
