"""Processes that work on units of requests, in the order of a schedule."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, Protocol, TypeVar

import msgspec

from gateway.classifiers.child_process import DetectorProcess
from gateway.classifiers.schedule import Lane, QueuedRequest, Schedule, WorkUnit
from gateway.core.system.logs import fault_fields

logger = logging.getLogger(__name__)
Start = Callable[[], Awaitable[DetectorProcess]]
START_S = 30.0
_RESTART_PAUSE_S = 1.0
_TRIES = 2
T = TypeVar("T")


class UnitWorker(Protocol[T]):
    """What a pool does with its processes."""

    async def greet(self, process: DetectorProcess) -> None:
        """Make a new process ready for work."""

    async def work(
        self, process: DetectorProcess, request: QueuedRequest[T], items: Sequence[T]
    ) -> None:
        """Have a process work on one unit, and add the results to its request."""


class ProcessPool(Generic[T]):
    """Keeps a process running for each lane; each works on one unit at a time."""

    def __init__(
        self,
        worker: UnitWorker[T],
        lanes: Sequence[Lane],
        *,
        start: Start,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``lanes`` say for each process which units it takes.

        ``start`` starts a process; it raises OSError when that fails.
        """
        self._worker = worker
        self._lanes = lanes
        self._start = start
        self._clock = clock
        self._keepers: set[asyncio.Task[None]] = set()
        self._closed = self._on_demand = False
        self._work = asyncio.Event()
        self._room = asyncio.Event()
        self.serving = 0  # processes that are ready for work, or at work
        self.schedule: Schedule[T] = Schedule(clock)

    async def start(self) -> None:
        """Start all processes now.

        Raises:
            OSError: when one cannot be started.
        """
        processes = await asyncio.gather(*(self._start() for _ in self._lanes))
        for process, lane in zip(processes, self._lanes, strict=True):
            self._start_keeper(process, lane)
        await asyncio.sleep(0)  # a task that is cancelled before it begins would end no process

    def start_on_demand(self) -> None:
        """Start each process when the first unit comes that it may take, also after a failure."""
        self._on_demand = True
        for lane in self._lanes:
            self._start_keeper(None, lane)

    async def close(self) -> None:
        """End all processes."""
        self._closed = True
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)

    async def until_room(self, owner: str, characters: int, room: int) -> None:
        """Wait until so many characters may be added for an owner."""
        while not self.schedule.has_room(owner, characters, room):
            self._room.clear()
            await self._room.wait()

    async def until_finished(self, request: QueuedRequest[T]) -> None:
        """Let a request wait until all of it was worked on; a caller that leaves takes it back."""
        try:
            self.schedule.add(request)
            self._work.set()
            await request.finished.wait()
        finally:
            self.schedule.remove(request)
            self._room.set()

    def _start_keeper(self, process: DetectorProcess | None, lane: Lane) -> None:
        keeper = asyncio.create_task(self._keep(process, lane))
        self._keepers.add(keeper)
        keeper.add_done_callback(lambda ended: self._keeper_ended(ended, lane))

    def _keeper_ended(self, keeper: asyncio.Task[None], lane: Lane) -> None:
        """Replace a keeper that a fault of our own has ended: without it nothing is read."""
        self._keepers.discard(keeper)
        if self._closed or keeper.cancelled():
            return
        fault = keeper.exception()
        logger.critical("detector:keeper:fault", extra=fault_fields(fault))
        asyncio.get_running_loop().call_later(_RESTART_PAUSE_S, self._restart_keeper, lane)

    def _restart_keeper(self, lane: Lane) -> None:
        if not self._closed:
            self._start_keeper(None, lane)

    async def _keep(self, process: DetectorProcess | None, lane: Lane) -> None:
        """Serve with one process, and with a new one after each failure."""
        while True:
            try:
                if process is None and self._on_demand:
                    await self._until_work(lane)
                process = process or await self._start()
                await self._serve(process, lane)
            except (
                OSError,
                TimeoutError,
                ValueError,
                asyncio.IncompleteReadError,
                msgspec.DecodeError,
            ) as error:
                logger.error("detector:process:ended", extra={"reason": type(error).__name__})
            finally:
                if process is not None:
                    await process.end()
            process = None
            await asyncio.sleep(_RESTART_PAUSE_S)

    async def _serve(self, process: DetectorProcess, lane: Lane) -> None:
        async with asyncio.timeout(START_S):
            await self._worker.greet(process)
        self.serving += 1
        try:
            while True:
                await self._until_work(lane)
                taken = self.schedule.take(lane)
                if taken is not None:
                    self._room.set()
                    await self._work_on(process, *taken)
        finally:
            self.serving -= 1

    async def _until_work(self, lane: Lane) -> None:
        while not self.schedule.may_take(lane):
            self._work.clear()
            await self._work.wait()

    async def _work_on(
        self, process: DetectorProcess, request: QueuedRequest[T], unit: WorkUnit[T]
    ) -> None:
        try:
            await self._worker.work(process, request, unit.items)
        except BaseException:
            unit.tries += 1
            if unit.tries < _TRIES:
                self.schedule.put_back(request, unit)
                self._work.set()
            else:
                request.finish_unit(failed=True)
            raise
        request.finish_unit()
