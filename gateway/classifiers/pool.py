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
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import msgspec

from gateway.classifiers import chunk_entities
from gateway.classifiers.child_process import ChildProcess, DetectorProcess
from gateway.classifiers.chunks import WHOLE, cut
from gateway.classifiers.limits import ScanLimits, UnreadReason
from gateway.classifiers.process_pool import ProcessPool, Start
from gateway.classifiers.protocol import Entity, Passage, ScanRequest
from gateway.classifiers.schedule import ANY, QueuedRequest, in_units
from gateway.core.keyed_cache import KeyedCache
from gateway.core.system.off_loop import off_loop

_NOTHING = msgspec.msgpack.encode([])  # entities of white space
logger = logging.getLogger(__name__)
START: Start = partial(
    ChildProcess.start, (sys.executable, "-m", "gateway.classifiers.worker_process")
)
CACHE_BYTES = 32 << 20
_LONGEST_S = 30.0
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


class _Wanted(msgspec.Struct, frozen=True):
    """A passage to be read, and the key of its result."""

    key: bytes
    passage: Passage
    characters: int


class _Cut(msgspec.Struct, frozen=True):
    """A part of a text, with what comes before it."""

    text: str
    before: int
    partial: bool
    judged: bool

    def whole(self) -> Passage:
        """As a process gets it."""
        data = self.text.encode("utf-8", "surrogatepass")
        return Passage(data, self.before, self.partial, self.judged)


@dataclass(slots=True)
class _Plan:
    """The chunks of some texts: by text their starts and keys, and what is not known of them."""

    texts: list[list[tuple[int, bytes]]]
    results: dict[bytes, bytes] = field(default_factory=dict)
    missing: dict[bytes, _Wanted] = field(default_factory=dict)


class DetectorPool:
    """Keeps ``count`` processes running; each reads one unit of work at a time.

    ``version`` is that of the model, "" before a process has loaded it. ``characters`` and
    ``known`` count what was asked for so far, and what of it was read before; ``busy_s`` is the
    time that processes have spent reading, together.
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
        self._clock = clock
        self._processes: ProcessPool[_Wanted] = ProcessPool(
            self, [ANY] * count, start=start, clock=clock
        )
        self._cache: KeyedCache[bytes] = KeyedCache(
            os.urandom(32), cache_bytes, size=lambda result: len(result) + _ENTRY_BYTES
        )
        self._started = asyncio.Event()
        self._pace = _PACE
        self.version = ""
        self.characters = self.known = 0
        self.busy_s = 0.0

    @property
    def serving(self) -> int:
        """The processes that are ready for work, or at work."""
        return self._processes.serving

    @property
    def waiting(self) -> int:
        """The characters that wait to be read."""
        return self._processes.schedule.waiting

    @property
    def oldest_s(self) -> float:
        """The time that the oldest of them has waited."""
        return self._processes.schedule.oldest_s

    async def start(self) -> None:
        """Start the processes; each then loads its model (``ready`` waits for that).

        Raises:
            OSError: when one cannot be started.
        """
        await self._processes.start()

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

    async def scan(
        self,
        texts: Sequence[str],
        *,
        owner: str,
        limits: ScanLimits,
        judged: Sequence[bool] | None = None,
    ) -> ClassifierScan:
        """Return the entities in the texts of one request; one reason if any was not read.

        ``owner`` is on whose account they are read: owners get equal shares. ``judged`` says of
        each text whether it must be read for attacks and harm too; without it all are.
        """
        size = sum(map(len, texts))
        plan = await off_loop(size, self._plan, texts, judged or [True] * len(texts))
        unknown = sum(one.characters for one in plan.missing.values())
        self.characters += size
        self.known += max(0, size - unknown)
        reason = await self._read(plan, unknown, owner, limits) if plan.missing else None
        entities = await off_loop(size, _joined, plan)
        if reason is not None:
            count = sum(one is None for one in entities)
            logger.warning(
                "detector:text:unread",
                extra={
                    "reason": reason.value,
                    "texts": len(texts),
                    "texts_unread": count,
                    "characters": size,
                    "characters_unread": unknown,
                },
            )
        return ClassifierScan(entities, reason)

    async def close(self) -> None:
        """End all processes."""
        await self._processes.close()

    def _plan(self, texts: Iterable[str], judged: Iterable[bool]) -> _Plan:
        """Cut the texts, and look up what is known of them."""
        plan = _Plan([])
        for text, is_judged in zip(texts, judged, strict=True):
            chunks = cut(text)
            partial = len(chunks) > 1
            places = []
            for context, start, end in chunks:
                read, before = text[context:end], start - context
                passage = _Cut(read, before, partial, is_judged)
                key = self._known_key(passage, plan)
                places.append((start, key))
                if key in plan.results or key in plan.missing:
                    continue
                known = _NOTHING if read.isspace() else self._cache.get(key)
                if known is None:
                    plan.missing[key] = _Wanted(key, passage.whole(), end - start)
                else:
                    plan.results[key] = known
            plan.texts.append(places)
        return plan

    def _known_key(self, passage: _Cut, plan: _Plan) -> bytes:
        """The key of a result; one that was read for attacks too answers for one that need not."""
        key = self._key(passage, judged=True)
        planned = key in plan.results or key in plan.missing
        if passage.judged or planned or self._cache.get(key) is not None:
            return key
        return self._key(passage, judged=False)

    def _key(self, one: _Cut, *, judged: bool) -> bytes:
        how = f"{self.version} {one.before} {one.partial} {judged} "
        return self._cache.key(one.text, how.encode())

    async def _read(
        self, plan: _Plan, characters: int, owner: str, limits: ScanLimits
    ) -> UnreadReason | None:
        """Wait until all that is missing was read, or return why it was not."""
        hopeless = characters > self._pace * self._count * limits.deadline_for(characters)
        if characters > limits.longest or (hopeless and not limits.waits_if_hopeless):
            return UnreadReason.TOO_LONG
        units = in_units(
            plan.missing.values(), lambda one: one.characters, most=WHOLE, count=_PASSAGES
        )
        request = QueuedRequest(owner, units, self._clock(), plan.results)
        reason = UnreadReason.QUEUE_FULL
        schedule = self._processes.schedule
        if not limits.waits_for_room and not schedule.has_room(owner, characters, limits.room):
            return reason
        try:
            async with asyncio.timeout(limits.deadline_for(characters)):
                await self._processes.until_room(owner, characters, limits.room)
                reason = UnreadReason.DEADLINE
                await self._processes.until_finished(request)
        except TimeoutError:
            return reason
        return UnreadReason.FAILED if request.failed else None

    async def greet(self, process: DetectorProcess) -> None:
        """Take the version from a process that has loaded its model."""
        self.version = msgspec.msgpack.decode(await process.receive(), type=str)
        self._started.set()

    async def work(
        self, process: DetectorProcess, request: QueuedRequest[_Wanted], items: Sequence[_Wanted]
    ) -> None:
        """Have a process read what another request has not had read meanwhile."""
        fresh = []
        for one in items:
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
        self.busy_s += took
        self._pace += _NEW_SHARE * (sum(one.characters for one in fresh) / took - self._pace)


def _joined(plan: _Plan) -> list[Sequence[Entity] | None]:
    """Return the entities of each text whose chunks were all read."""
    return [_joined_text(places, plan.results) for places in plan.texts]


def _joined_text(
    places: Sequence[tuple[int, bytes]], results: Mapping[bytes, bytes]
) -> Sequence[Entity] | None:
    if not all(key in results for _, key in places):
        return None
    parts = [(start, _entities.decode(results[key])) for start, key in places]
    return parts[0][1] if len(parts) == 1 else chunk_entities.of_text(parts)
