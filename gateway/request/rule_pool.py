"""Rule processes: where the rules scan long requests, so that the event loop goes on.

One process takes the work on requests of moderate length, another that on long ones, so that
no request waits for a text of some megabytes. Each is started when there is work for it.
"""

import asyncio
import hashlib
import math
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from weakref import WeakKeyDictionary

import msgspec

from gateway.classifiers.child_process import ChildProcess, DetectorProcess
from gateway.classifiers.process_pool import ProcessPool, Start
from gateway.classifiers.protocol import Entity
from gateway.classifiers.schedule import Lane, QueuedRequest, WorkUnit
from gateway.compiled.policy import CompiledPolicy
from gateway.core.errors import Unavailable
from gateway.core.system.off_loop import off_loop
from gateway.request.known_texts import Neighbours
from gateway.request.rule_messages import (
    LoadPolicy,
    RelateTexts,
    ScanPages,
    ScanTexts,
    entity_pages,
    pages_of,
    scan_of,
    text_bytes,
)
from gateway.request.rule_process import POLICIES
from gateway.request.text_scanner import TextScan

_LANES = (Lane(-1, 131_072), Lane(131_072, math.inf))  # characters of a request
_DEADLINE_S = 60.0
_ANSWER = b""
_encode = msgspec.msgpack.Encoder().encode
_pages = msgspec.msgpack.Decoder(list[ScanPages | None])


class _Job(msgspec.Struct, frozen=True):
    """A message that needs a policy."""

    policy: bytes
    load: Callable[[], bytes]
    message: bytes


def start_of(cache: Path) -> Start:
    """How a rule process starts; ``cache`` is a folder that keeps compiled patterns."""
    return partial(
        ChildProcess.start, (sys.executable, "-m", "gateway.request.rule_process", str(cache))
    )


class RulePool:
    """Scans the texts of long requests in processes of its own, in equal shares by owner."""

    def __init__(
        self,
        start: Start,
        *,
        deadline_s: float = _DEADLINE_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """A request that is not scanned in ``deadline_s`` seconds is refused."""
        self._processes: ProcessPool[_Job] = ProcessPool(self, _LANES, start=start, clock=clock)
        self._loaded: WeakKeyDictionary[DetectorProcess, list[bytes]] = WeakKeyDictionary()
        self._deadline_s = deadline_s
        self._clock = clock

    def start(self) -> None:
        """Be ready for work; processes start when there is some."""
        self._processes.start_on_demand()

    async def close(self) -> None:
        """End the processes."""
        await self._processes.close()

    async def scan(
        self,
        texts: Sequence[str],
        entities: Sequence[Sequence[Entity]],
        policy: CompiledPolicy,
        owner: str,
    ) -> list[TextScan]:
        """The scans of some texts, without mentions.

        Raises:
            Unavailable: when they were not scanned in time.
        """
        size = sum(map(len, texts))
        message = await off_loop(size, _scan_message, texts, entities, policy)
        answer = await self._answer(message, policy, owner, size)
        return [one for one in await off_loop(size, _scans_of, answer) if one is not None]

    async def related(
        self,
        scans: Mapping[str, TextScan],
        neighbours: Neighbours,
        policy: CompiledPolicy,
        context: bytes | None,
        owner: str,
    ) -> dict[str, TextScan]:
        """The scans that change by what the texts tell about one another, without mentions.

        Raises:
            Unavailable: when that was not done in time.
        """
        size = sum(map(len, scans))
        message = await off_loop(size, _relate_message, scans, neighbours, policy, context)
        answer = await self._answer(message, policy, owner, size)
        changed = await off_loop(size, _scans_of, answer)
        return {text: one for text, one in zip(scans, changed, strict=True) if one is not None}

    async def _answer(self, message: bytes, policy: CompiledPolicy, owner: str, size: int) -> bytes:
        job = _Job(_id_of(policy), partial(_load_message, policy), message)
        units = deque([WorkUnit([job], size)])
        request = QueuedRequest(owner, units, self._clock(), {})
        try:
            async with asyncio.timeout(self._deadline_s):
                await self._processes.until_finished(request)
        except TimeoutError as error:
            raise _not_scanned() from error
        if request.failed:
            raise _not_scanned()
        return request.results[_ANSWER]

    async def greet(self, process: DetectorProcess) -> None:
        """Wait until a process has loaded the rules."""
        await process.receive()
        self._loaded[process] = []

    async def work(
        self, process: DetectorProcess, request: QueuedRequest[_Job], items: Sequence[_Job]
    ) -> None:
        """Have a process answer one message, after the policy that it needs."""
        loaded = self._loaded[process]
        async with asyncio.timeout(self._deadline_s):
            for job in items:
                if job.policy not in loaded:
                    await process.send(job.load())
                    await process.receive()
                    loaded[:] = [*loaded, job.policy][-POLICIES:]
                await process.send(job.message)
                request.results[_ANSWER] = await process.receive()


def _not_scanned() -> Unavailable:
    return Unavailable(
        "The texts could not be checked by rules in time. Try again, with less text.",
        retry_after=5,
    )


def _id_of(policy: CompiledPolicy) -> bytes:
    lists = policy.terms.digest if policy.terms else ""
    named = "\0".join((policy.digest, lists, *sorted(policy.withdrawn)))
    return hashlib.sha256(named.encode()).digest()


def _load_message(policy: CompiledPolicy) -> bytes:
    lists = policy.terms.lists if policy.terms else None
    return _encode(
        LoadPolicy(
            _id_of(policy),
            policy.digest,
            dict(policy.files),
            dict(lists.deny) if lists else {},
            list(lists.allow) if lists else [],
            sorted(policy.withdrawn),
            sorted(policy.fields),
        )
    )


def _scan_message(
    texts: Sequence[str], entities: Sequence[Sequence[Entity]], policy: CompiledPolicy
) -> bytes:
    pages = [entity_pages(found) for found in entities]
    return _encode(ScanTexts(_id_of(policy), [text_bytes(text) for text in texts], pages))


def _relate_message(
    scans: Mapping[str, TextScan],
    neighbours: Neighbours,
    policy: CompiledPolicy,
    context: bytes | None,
) -> bytes:
    at = {text: index for index, text in enumerate(scans)}
    return _encode(
        RelateTexts(
            _id_of(policy),
            [text_bytes(text) for text in scans],
            [pages_of(one) for one in scans.values()],
            [(at[left], at[right]) for left, right in neighbours],
            context,
        )
    )


def _scans_of(answer: bytes) -> list[TextScan | None]:
    return [None if one is None else scan_of(one) for one in _pages.decode(answer)]
