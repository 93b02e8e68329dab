"""Detector processes: the classifier tier, never on the event loop.

The unit of work is a chunk of a text, so that all processes read one long text, and a short one
waits for no more than the chunks in hand. A chunk that was read is kept under a keyed hash, also
when its request has given up: the next attempt goes on from there. A text that was not read whole
has no result and a reason (``ClassifierScan``): policy decides what that means; it never counts as
clean.
"""

import asyncio
import logging
import os
import sys
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial

import msgspec

from gateway.classifiers import chunk_entities
from gateway.classifiers.child_process import ChildProcess, DetectorProcess
from gateway.classifiers.chunks import WHOLE, cut
from gateway.classifiers.limits import ScanLimits, UnreadReason
from gateway.classifiers.protocol import Entity, Passage, ScanRequest
from gateway.classifiers.schedule import PassageKey, QueuedRequest, Schedule, in_units
from gateway.core.keyed_cache import KeyedCache
from gateway.core.system.off_loop import off_loop

logger = logging.getLogger(__name__)
Start = Callable[[], Awaitable[DetectorProcess]]
START: Start = partial(
    ChildProcess.start, (sys.executable, "-m", "gateway.classifiers.worker_process")
)
CACHE_BYTES = 32 << 20
_START_S = 30.0
_RESTART_PAUSE_S = 1.0
_LONGEST_S = 30.0
_TRIES = 2
_PASSAGES = 64  # in one message
_ENTRY_BYTES = 150  # of the cache, beside the result
_PACE = 20_000.0  # characters a second and process, until it is measured
_NEW_SHARE = 0.05  # of a new measurement of the pace
_results = msgspec.msgpack.Decoder(list[msgspec.Raw])
_entities = msgspec.msgpack.Decoder(list[Entity])
_encode = msgspec.msgpack.Encoder().encode


class TextNotScanned(Exception):
    """The classifier tier did not scan this text in time; ``reason`` says why."""

    def __init__(self, reason: UnreadReason) -> None:
        super().__init__(reason.value)
        self.reason = reason


class ClassifierScan(msgspec.Struct, frozen=True):
    """The entities in each text, None where it was not read, and then why."""

    entities: Sequence[Sequence[Entity] | None]
    unread: UnreadReason | None = None


@dataclass(slots=True)
class _Plan:
    """The chunks of some texts: by text their starts and keys, and what is not known of them."""

    texts: list[list[tuple[int, bytes]]]
    results: dict[bytes, bytes] = field(default_factory=dict)
    missing: dict[bytes, PassageKey] = field(default_factory=dict)


class DetectorPool:
    """Keeps ``count`` processes running; each reads one unit of work at a time.

    ``version`` is that of the model, "" before a process has loaded it. ``characters`` and
    ``known`` count what was asked for so far, and what of it was read before.
    """

    def __init__(
        self,
        count: int,
        *,
        start: Start = START,
        longest_s: float = _LONGEST_S,
        cache_bytes: int = CACHE_BYTES,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """A process without an answer for ``longest_s`` seconds is replaced.

        ``start`` starts one; it raises OSError when that fails. ``cache_bytes`` is the size of the
        cache of results.
        """
        self._longest_s = longest_s
        self._count = count
        self._start = start
        self._clock = clock
        self._schedule = Schedule(clock)
        self._cache: KeyedCache[bytes] = KeyedCache(
            os.urandom(32), cache_bytes, size=lambda result: len(result) + _ENTRY_BYTES
        )
        self._keepers: set[asyncio.Task[None]] = set()
        self._closed = False
        self._started = asyncio.Event()
        self._work = asyncio.Event()
        self._room = asyncio.Event()
        self._pace = _PACE
        self.version = ""
        self.characters = self.known = 0

    @property
    def waiting(self) -> int:
        """The characters that wait to be read."""
        return self._schedule.waiting

    @property
    def oldest_s(self) -> float:
        """The time that the oldest of them has waited."""
        return self._schedule.oldest_s

    async def start(self) -> None:
        """Start the processes; each then loads its model (``ready`` waits for that).

        Raises:
            OSError: when one cannot be started.
        """
        started = (self._start() for _ in range(self._count))
        for process in await asyncio.gather(*started):
            self._start_keeper(process)
        await asyncio.sleep(0)  # a task that is cancelled before it begins would end no process

    async def ready(self) -> None:
        """Wait until a process has loaded its model; from then on ``version`` is set."""
        await self._started.wait()

    async def find(self, text: str, *, deadline_s: float) -> Sequence[Entity]:
        """Return the entities in one text.

        Raises:
            TextNotScanned: when there is no room, no process, or not enough time.
        """
        scan = await self.scan([text], owner="", limits=ScanLimits(deadline_s))
        (entities,) = scan.entities
        if entities is None:
            raise TextNotScanned(scan.unread or UnreadReason.FAILED)
        return entities

    async def scan(self, texts: Sequence[str], *, owner: str, limits: ScanLimits) -> ClassifierScan:
        """Return the entities in the texts of one request; one reason if any was not read.

        ``owner`` is on whose account they are read: owners get equal shares.
        """
        size = sum(map(len, texts))
        plan = await off_loop(size, self._plan, texts)
        unknown = sum(one.characters for one in plan.missing.values())
        self.characters += size
        self.known += max(0, size - unknown)
        reason = await self._read(plan, unknown, owner, limits) if plan.missing else None
        entities = await off_loop(size, _joined, plan)
        if reason is not None:
            count = sum(one is None for one in entities)
            logger.warning(
                "detector:text:unread reason=%s texts=%d of %d, characters=%d of %d",
                reason,
                count,
                len(texts),
                unknown,
                size,
            )
        return ClassifierScan(entities, reason)

    async def close(self) -> None:
        """End all processes."""
        self._closed = True
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)

    def _plan(self, texts: Iterable[str]) -> _Plan:
        """Cut the texts, and look up what is known of them."""
        plan = _Plan([])
        for text in texts:
            chunks = cut(text)
            partial = len(chunks) > 1
            places = []
            for context, start, end in chunks:
                read, before = text[context:end], start - context
                key = self._cache.key(read, f"{self.version} {before} {partial} ".encode())
                places.append((start, key))
                if key in plan.results or key in plan.missing:
                    continue
                known = self._cache.get(key)
                if known is None:
                    data = read.encode("utf-8", "surrogatepass")
                    passage = Passage(data, before, partial)
                    plan.missing[key] = PassageKey(key, passage, end - start)
                else:
                    plan.results[key] = known
            plan.texts.append(places)
        return plan

    async def _read(
        self, plan: _Plan, characters: int, owner: str, limits: ScanLimits
    ) -> UnreadReason | None:
        """Wait until all that is missing was read, or return why it was not."""
        hopeless = characters > self._pace * self._count * limits.deadline_for(characters)
        if characters > limits.longest or (hopeless and not limits.waits_if_hopeless):
            return UnreadReason.TOO_LONG
        units = in_units(plan.missing.values(), most=WHOLE, count=_PASSAGES)
        request = QueuedRequest(owner, units, self._clock(), plan.results)
        reason = UnreadReason.QUEUE_FULL
        try:
            async with asyncio.timeout(limits.deadline_for(characters)):
                while not self._schedule.has_room(owner, characters, limits.room):
                    if not limits.waits_for_room:
                        return reason
                    self._room.clear()
                    await self._room.wait()
                reason = UnreadReason.DEADLINE
                self._schedule.add(request)
                self._work.set()
                await request.finished.wait()
        except TimeoutError:
            return reason
        finally:  # the caller has its answer or has left: nothing of it need be read any more
            self._schedule.remove(request)
            self._room.set()
        return UnreadReason.FAILED if request.failed else None

    def _start_keeper(self, process: DetectorProcess | None) -> None:
        keeper = asyncio.create_task(self._keep(process))
        self._keepers.add(keeper)
        keeper.add_done_callback(self._keeper_ended)

    def _keeper_ended(self, keeper: asyncio.Task[None]) -> None:
        """Replace a keeper that a fault of our own has ended: without it nothing is read."""
        self._keepers.discard(keeper)
        if self._closed or keeper.cancelled():
            return
        logger.critical("detector:keeper:fault", exc_info=keeper.exception())
        asyncio.get_running_loop().call_later(_RESTART_PAUSE_S, self._restart_keeper)

    def _restart_keeper(self) -> None:
        if not self._closed:
            self._start_keeper(None)

    async def _keep(self, process: DetectorProcess | None) -> None:
        """Serve with one process, and with a new one after each failure; the first runs already."""
        while True:
            try:
                process = process or await self._start()
                await self._serve(process)
            except (
                OSError,
                TimeoutError,
                ValueError,
                asyncio.IncompleteReadError,
                msgspec.DecodeError,
            ) as error:
                logger.error("detector:process:ended reason=%s", type(error).__name__)
            finally:
                if process is not None:
                    await process.end()
            process = None
            await asyncio.sleep(_RESTART_PAUSE_S)

    async def _serve(self, process: DetectorProcess) -> None:
        async with asyncio.timeout(_START_S):
            self.version = msgspec.msgpack.decode(await process.receive(), type=str)
        self._started.set()
        while True:
            while (taken := self._schedule.take()) is None:
                self._work.clear()
                await self._work.wait()
            request, unit = taken
            self._room.set()
            try:
                await self._read_unit(process, request, unit.passages)
            except BaseException:
                unit.tries += 1
                if unit.tries < _TRIES:
                    self._schedule.put_back(request, unit)
                    self._work.set()
                else:
                    request.finish_unit(failed=True)
                raise
            request.finish_unit()

    async def _read_unit(
        self, process: DetectorProcess, request: QueuedRequest, passages: Iterable[PassageKey]
    ) -> None:
        """Have a process read what another request has not had read meanwhile."""
        fresh = []
        for one in passages:
            known = self._cache.get(one.key)
            if known is None:
                fresh.append(one)
            else:
                request.results[one.key] = known
        if not fresh:
            return
        began = self._clock()
        async with asyncio.timeout(self._longest_s):
            await process.send(_encode(ScanRequest([one.passage for one in fresh])))
            answers = _results.decode(await process.receive())
        for one, answer in zip(fresh, answers, strict=True):
            _entities.decode(answer)  # what cannot be decoded must not be kept
            request.results[one.key] = self._cache.put(one.key, bytes(answer))
        took = max(self._clock() - began, 1e-6)
        self._pace += _NEW_SHARE * (sum(one.characters for one in fresh) / took - self._pace)


def _joined(plan: _Plan) -> list[Sequence[Entity] | None]:
    """Return the entities of each text of which all chunks were read."""
    return [
        _entities.decode(plan.results[places[0][1]])
        if len(places) == 1 and places[0][1] in plan.results
        else chunk_entities.of_text(
            (start, _entities.decode(plan.results[key])) for start, key in places
        )
        if all(key in plan.results for _, key in places)
        else None
        for places in plan.texts
    ]
