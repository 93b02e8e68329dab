"""Limits and budgets counted in a store that replicas share.

One round trip reserves, one settles. While the store is away, requests that something bounds are
refused, or counted in this process, as policy says; others go on. What the store has not counted is
in the trail: its counters are filled from there again when it is back.
"""

import asyncio
import logging
import os
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from gateway.core.errors import LimitsUnavailable, Refusal, Unavailable
from gateway.core.limits_policy import LocalLimits
from gateway.core.principal import Principal
from gateway.core.snapshot import Snapshot
from gateway.core.usage import Price, Usage
from gateway.limits.limiter import Reservation
from gateway.limits.meter import Meter
from gateway.limits.months import month_start, until_next_month
from gateway.limits.refusals import busy, no_budget, too_many_requests, too_many_tokens
from gateway.limits.room import REQUESTS, TOKENS, Room, Rooms
from gateway.limits.shared.callers import Callers, CallerScopes
from gateway.limits.shared.filling import Spent, fill
from gateway.limits.shared.reservation import Background, HeldThere
from gateway.limits.shared.store import Store, StoreAway

logger = logging.getLogger(__name__)
LEASE_S = 20.0  # a gateway that has ended holds no place for longer
_RENEW_S = 5.0
_RENEWED = 200  # reservations of one call
_RETRY_S = 10.0  # of a settlement; after that the counters are filled again
_AGAIN_S = 2


class SharedMeter:
    """Limits and budgets of all gateways. Call ``look`` once a second."""

    def __init__(
        self,
        store: Store,
        *,
        spent: Spent,
        clock: Callable[[], float],
        wall: Callable[[], float],
        lease_s: float = LEASE_S,
    ) -> None:
        """``spent`` reads spending from the trail; ``clock`` is monotonic seconds.

        A reservation that is not renewed for ``lease_s`` counts no more.
        """
        self._store = store
        self._spent = spent
        self._clock = clock
        self._wall = wall
        self._lease_s = lease_s
        self._callers = Callers(store.name)
        self._snapshot: Snapshot | None = None
        self._policy: LocalLimits | None = None
        self._local: Meter | None = None
        self._held: dict[str, HeldThere] = {}
        self._epoch, self._renew_at = "", 0.0
        self._uncounted = False
        self._problem: str | None = "it was not asked yet"
        self._back = asyncio.Event()
        self._looking: asyncio.Task[None] | None = None
        self._background = Background()

    @property
    def problem(self) -> str | None:
        """Why the store does not count now; None when it does."""
        return self._problem

    @property
    def refuses(self) -> bool:
        """Whether requests that something bounds are refused now."""
        return self._problem is not None and self._local is None

    def configure(self, snapshot: Snapshot) -> None:
        """Applies the limits of a new snapshot; earlier use still counts."""
        self._snapshot = snapshot
        self._callers.configure(snapshot)
        if self._local is not None:
            self._local.configure(snapshot)

    def allow(self, policy: LocalLimits | None) -> None:
        """Sets what holds while the store is away; None refuses."""
        if policy != self._policy:
            self._policy, self._local = policy, None

    async def admit(self, principal: Principal) -> Rooms:
        """Counts one request of the caller; without a limit on requests nothing is asked."""
        caller = self._callers.of(principal)
        if not caller.counts_requests:
            return {}
        with suppress(StoreAway):
            _, _, left, *_ = await self._ask("take", caller)
            return _rooms(left, False)
        return self._here().take(principal)

    async def reserve(
        self,
        principal: Principal,
        *,
        tokens: int,
        price: Price,
        models: tuple[str, ...] = (),
        use_case: str = "",
    ) -> Reservation:
        """Reserves tokens and money for one attempt."""
        cost = price.most(tokens)
        caller = self._callers.of(principal, models, use_case)
        held = HeldThere(tokens, cost, price, {}, os.urandom(9).hex(), caller)
        try:
            if not await self._hold(held) and caller.is_limited:
                local = self._here()
                here = local.hold(
                    principal, tokens=tokens, price=price, models=models, use_case=use_case
                )
                held.here, held.limits = (local, here), here.limits
        except (LimitsUnavailable, asyncio.CancelledError):  # the store may have it all the same
            self._settle_later(held, 0.0, 0)
            raise
        self._held[held.id] = held
        return held

    def settle(self, reservation: Reservation, usage: Usage) -> float:
        """Replaces a reservation by the actual usage; the store gets it in the background."""
        assert isinstance(reservation, HeldThere)  # noqa: S101 - a meter settles what it has held
        cost = reservation.price.cost(usage)
        if reservation.here is not None:
            meter, here = reservation.here
            meter.settle(here, usage)
        del self._held[reservation.id]
        self._settle_later(reservation, cost, usage.total)
        return cost

    async def settled(self, reservation: Reservation) -> None:
        """Returns when the store has the settlement, or is away."""
        assert isinstance(reservation, HeldThere)  # noqa: S101 - as in settle
        if reservation.settling is not None and self._problem is None:
            await asyncio.wait([reservation.settling], timeout=self._store.timeout_s)

    async def look(self) -> None:
        """Asks whether the store counts; fills its counters and renews reservations where due."""
        await asyncio.shield(self._look_soon())

    async def close(self) -> None:
        """Lets settlements end, and closes the connections."""
        await self._background.stop(1.0)
        await self._store.close()

    async def _hold(self, held: HeldThere) -> bool:
        """Whether the store holds it now; False when it is away.

        Raises:
            Refusal: when a scope has no room.
        """
        asked = {"id": held.id, "tokens": held.tokens, "cost": held.cost, "lease": self._lease_ms}
        try:
            _, held.epoch, requests, tokens, held.month = await self._ask(
                "reserve", held.caller, **asked
            )
        except StoreAway:
            return False
        held.limits = _rooms(requests, tokens)
        return True

    async def _ask(self, operation: str, caller: CallerScopes, **ask: Any) -> list[Any]:
        """The answer about these scopes; a call that got none is repeated once, after a look.

        Raises:
            Refusal: when one of them has no room.
            StoreAway: at once while the store is known to be away.
        """
        answer = await self._try(operation, caller, ask)
        if answer is None:
            await asyncio.wait([self._look_soon()], timeout=self._store.timeout_s)
            answer = await self._try(operation, caller, ask)
        if answer is None:
            raise StoreAway(self._problem)
        status, epoch, *rest = answer
        if epoch != self._epoch:
            self._look_soon()
        if status != "ok":
            raise self._refusal(status, caller, *rest)
        return answer

    async def _try(
        self, operation: str, caller: CallerScopes, ask: dict[str, Any]
    ) -> list[Any] | None:
        """The answer; None when there is none now, but may be soon."""
        if self._problem is not None:
            raise StoreAway(self._problem)
        try:
            answer = await self._store.call(operation, caller.names, scopes=caller.asked, **ask)
        except StoreAway as away:
            self._lost(str(away))
            return None
        if answer[0] == "empty":
            self._lost("its counters are empty")
            return None
        return answer

    def _refusal(self, status: str, caller: CallerScopes, number: int, wait: int) -> Refusal:
        scope = caller.scopes[number - 1]
        if status == "budget":
            return no_budget(scope, until_next_month(self._wall()))
        if status == "busy":
            return busy(scope)
        return (too_many_tokens if status == TOKENS else too_many_requests)(scope, wait)

    def _here(self) -> Meter:
        """The counters of this process.

        Raises:
            LimitsUnavailable: where policy refuses instead, or they are not filled yet.
        """
        if self._local is None:
            raise LimitsUnavailable(
                "Limits and budgets cannot be counted now; try again shortly.",
                retry_after=_AGAIN_S,
                rules=("limits.store",),
            )
        return self._local

    def _settle_later(self, held: HeldThere, cost: float, used: int) -> None:
        ended = self._clock()
        held.settling = self._background.start(lambda: self._settle(held, cost, used, ended))

    async def _settle(self, held: HeldThere, cost: float, used: int, ended: float) -> None:
        """Tell the store, again and again for some time; a repetition does nothing there."""
        asked = {"id": held.id, "cost": cost, "used": used, "month": held.month}
        while (age := self._clock() - ended) < _RETRY_S:
            with suppress(StoreAway):
                await self._ask("settle", held.caller, age=age, **asked)
                return
            with suppress(TimeoutError):
                async with asyncio.timeout(_RETRY_S - age):
                    await self._back.wait()
        self._uncounted = True

    def _look_soon(self) -> asyncio.Task[None]:
        """A look that runs already, or begins now."""
        if self._looking is None or self._looking.done():
            self._looking = self._background.start(self._look)
        return self._looking

    async def _look(self) -> None:
        try:
            epoch = await self._counting_epoch()
            if epoch is not None:
                await self._renew(epoch)
                self._found(epoch)
        except StoreAway as away:
            self._lost(str(away))
        except Unavailable:
            self._lost("its counters are empty, and the trail cannot be read")
        await self._prepare_local()

    async def _counting_epoch(self) -> str | None:
        """The epoch of the store's counters; None while another gateway fills them."""
        status, epoch, *_ = await self._store.call("look")
        if status != "empty" and self._uncounted:
            status, *_ = await self._store.call("forget", epoch=epoch)
        if status == "empty":
            self._uncounted = False  # what is settled from now on is added
            if not await fill(self._store, self._spent, self._wall):
                self._lost("another gateway fills its counters")
                return None
            status, epoch, *_ = await self._store.call("look")
        return str(epoch) if status == "ok" else None

    async def _renew(self, epoch: str) -> None:
        """Extend the leases; under a new epoch reserve again what is under way."""
        if epoch == self._epoch and self._clock() < self._renew_at:
            return
        names = list(self._held)
        for first in range(0, len(names), _RENEWED):
            chunk = [
                self._held[name] for name in names[first : first + _RENEWED] if name in self._held
            ]
            keys = [key for held in chunk for key in held.caller.names]
            again = [held.again() for held in chunk]
            await self._store.call("renew", keys, lease=self._lease_ms, held=again)
            for held in chunk:
                held.epoch = epoch
        self._renew_at = self._clock() + _RENEW_S

    @property
    def _lease_ms(self) -> int:
        return int(self._lease_s * 1000)

    def _found(self, epoch: str) -> None:
        if self._problem is not None and self._epoch:
            logger.warning("limits:store:found", extra={"object": self._store.place})
        self._epoch, self._problem, self._local = epoch, None, None
        self._back.set()

    def _lost(self, reason: str) -> None:
        if reason != self._problem:
            about = {"object": self._store.place, "reason": reason}
            logger.warning("limits:store:lost", extra=about)
        if self._problem is None:  # ask again at once: it may have been one packet
            self._look_soon()
        self._problem = reason
        self._back.clear()

    async def _prepare_local(self) -> None:
        """Fill the counters of this process, where they are to count meanwhile."""
        if self._problem is None or self._policy is None or self._local is not None:
            return
        try:
            spent = await self._spent(month_start(self._wall()))
        except Unavailable:
            return
        local = Meter(
            clock=self._clock, wall=self._wall, spent=spent, replicas=self._policy.replicas
        )
        if self._snapshot is not None:
            local.configure(self._snapshot)
        self._local = local
        logger.warning("limits:local:begin", extra={"count": self._policy.replicas})


def _rooms(requests: Any, tokens: Any) -> Rooms:
    kinds = ((REQUESTS, requests), (TOKENS, tokens))
    return {kind: Room(*left) for kind, left in kinds if left}
