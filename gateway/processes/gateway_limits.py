"""The limits of a gateway: counted in its own process, or in a store that replicas share."""

import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

import asyncpg

from gateway.core.errors import Unavailable
from gateway.core.system.postgres_errors import FAILURES
from gateway.core.system.secrets import GatewaySecrets
from gateway.core.usage import Spending
from gateway.evidence import Trail
from gateway.evidence.rows import SPENT, spending_of
from gateway.limits import Limiter, Meter, month_start
from gateway.processes.settings import Settings

if TYPE_CHECKING:
    from gateway.limits.shared import Store

logger = logging.getLogger(__name__)
_CONNECT_S = 2.0
_READ_S = 60.0
Spent = Callable[[int], Awaitable[list[Spending]]]


async def open_limits(settings: Settings, secrets: GatewaySecrets, trail: Trail) -> Limiter:
    """The limits, with the spending of this month; the client of the store is loaded only for one.

    Raises:
        Unavailable: when the trail cannot be read, and no store has the spending.
    """
    if settings.valkey is None:
        spent = await trail.spent_since(month_start(time.time()))
        return Meter(clock=time.monotonic, wall=time.time, spent=spent)
    from gateway.limits.shared import SharedMeter, Store

    store = Store(settings.valkey, pepper=secrets.pepper)
    shared = SharedMeter(
        store,
        spent=_spent(settings, trail),
        clock=time.monotonic,
        wall=time.time,
    )
    await shared.look()
    if shared.problem is None:
        await _warn_unfit(store)
    return shared


async def _warn_unfit(store: "Store") -> None:
    """Say why a store that answers may lose counters all the same."""
    from gateway.limits.shared import StoreAway, problem_of

    with suppress(StoreAway):
        if problem := problem_of(await store.facts()):
            logger.warning("limits:store:unfit", extra={"object": store.place, "reason": problem})


def _spent(settings: Settings, trail: Trail) -> Spent:
    """What reads spending while the trail is written: in PostgreSQL on a connection of its own."""
    if settings.database_url is None:
        return trail.spent_since
    return partial(_spent_in, settings.database_url)


async def _spent_in(url: str, since: int) -> list[Spending]:
    try:
        db = await asyncpg.connect(
            url,
            timeout=_CONNECT_S,
            command_timeout=_READ_S,
            server_settings={"application_name": "sluis-spending"},
        )
        try:
            rows = await db.fetch(SPENT, since)
        finally:
            db.terminate()
    except FAILURES as error:
        raise Unavailable("The spending of this month cannot be read.", retry_after=5) from error
    return [spending_of(*row) for row in rows]
