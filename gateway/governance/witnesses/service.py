"""Shows the newest head to every witness that has not seen it, and stores the receipts."""

import asyncio
import logging
import math
from collections.abc import Callable

import httpx
from sqlalchemy import Select, desc, func, insert, select

from gateway.core.system.authorities import system_authorities
from gateway.evidence.witness import WitnessConfig, WitnessEndpoint
from gateway.governance.merkle_log import signing_keys
from gateway.governance.merkle_log.log_reader import LogReader
from gateway.governance.merkle_log.sequencer import Checkpoint, Sequencer
from gateway.governance.merkle_log.tables import log_witness
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

logger = logging.getLogger(__name__)
EVERY_S = 60.0
_LIMIT_S = 10.0  # for one witness in one round
_TIMEOUT = httpx.Timeout(5, connect=2)


class WitnessPublisher:
    """The witnesses of an installation."""

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
        self._shown: set[WitnessEndpoint] = set()  # since the start of this process

    async def show(self) -> None:
        """Show the newest head to all witnesses at once; a failure is an alarm in the log.

        Raises:
            TrailDamaged: when a witness holds proof of another history. Nothing more is signed.
        """
        if not self._witnessing.endpoints:
            return
        async with httpx.AsyncClient(
            timeout=_TIMEOUT,
            follow_redirects=False,
            trust_env=False,
            verify=system_authorities(),
        ) as client:
            await asyncio.gather(
                *(self._one(place, client) for place in self._witnessing.endpoints)
            )
        self._log.check()

    async def ages(self, newest: Checkpoint) -> dict[str, float]:
        """Seconds since the head was signed that each witness has seen last, by its label.

        0 for a witness that has seen the newest size, infinite for one that has seen none.
        """
        ages = {}
        async with self._database.read() as connection:
            for place in self._witnessing.endpoints:
                last = (await connection.execute(_last_of(place))).first()
                size, time_ms = (last.size, last.time) if last else (-1, -math.inf)
                ages[place.label] = 0.0 if size >= newest.size else self._wall() - time_ms / 1000
        return ages

    async def seen(self) -> dict[str, int]:
        """The size of the largest tree that each witness has seen, by the label of the witness."""
        return {one.label: await self._seen(one) for one in self._witnessing.endpoints}

    async def _one(self, place: WitnessEndpoint, client: httpx.AsyncClient) -> None:
        size = await self._seen(place)
        newest = await self._log.latest()  # read second, so that it is never the older one
        # After a start each witness is asked again, as it may have lost heads; a TSA stores none.
        known = place in self._shown or place.kind == "tsa"
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
                receipt = await self._witness(place, client).show(head, self._reader)
        except LogForkDetected as error:
            self._log.refuse(str(error))
            logger.critical(
                "log:witness:contradict", extra={"witness": place.label, "reason": str(error)}
            )
        except (WitnessFailed, OSError, TimeoutError) as error:
            reason = str(error) if isinstance(error, WitnessFailed) else type(error).__name__
            logger.error("log:witness:fail", extra={"witness": place.label, "reason": reason})
        else:
            self._shown.add(place)
            if size != newest.size:  # the first receipt proves the earliest time
                await self._store(place, newest, receipt)

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

    async def _store(
        self, place: WitnessEndpoint, newest: Checkpoint, receipt: WitnessReceipt
    ) -> None:
        async with self._database.write() as connection:
            await connection.execute(
                insert(log_witness).values(
                    witness=place.text,
                    label=place.label,
                    size=newest.size,
                    time=newest.time,
                    note=receipt.note,
                    stamp=receipt.stamp,
                )
            )


def _last_of(place: WitnessEndpoint) -> Select[tuple[int, int]]:
    """The largest tree that a witness has seen: its size and its time, from the index."""
    of_witness = select(log_witness.c.size, log_witness.c.time).where(
        log_witness.c.witness == place.text
    )
    return of_witness.order_by(desc(log_witness.c.size)).limit(1)
