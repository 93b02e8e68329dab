"""Asks a model version for the answers to suites, through the gateway, many at a time.

No item is asked again once it may have been answered: a request whose connection was lost failed.
A gateway that cannot be reached ends the run; what it refuses is the answer of that item.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

import httpx

from gateway.core.errors import Refusal, Unavailable
from gateway.core.evaluation_digests import text_of
from gateway.governance.evaluations.service import UNPROVEN
from gateway.governance.evaluations.trail_proof import BLOCKED

_PATH = "/v1/chat/completions"
_TIMEOUT = httpx.Timeout(600, connect=5)
_UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_AGAIN = frozenset({429, 502, 503, 504})
# Until gateways and workers have followed: the key is not known yet, or the version not loaded.
_NOT_YET = _AGAIN | {401, 404}
_TRIES, _MAX_WAIT_S = 4, 10.0
_MAX_BATCH, _MAX_ANSWERS = 120_000, 100  # characters, answers
_FINISH_S, _AGAIN_S = 20.0, 0.5  # entries of the last requests may be on their way
Report = dict[str, Any]
Progress = Callable[[str, int, int], None]  # the suite, answered items, and all


def _unseen(_suite: str, _answered: int, _items: int) -> None:
    """Progress that is read from the stored answers."""


class RunSteps(Protocol):
    """What a runner asks the control plane of a run, by the documents of its API."""

    async def open_items(self, run: str) -> list[Report]:
        """The items that have no answer."""

    async def store(self, run: str, answers: list[Report]) -> None:
        """Store answers."""

    async def finish(self, run: str) -> Report:
        """Score a run; gives it with the state of its version."""


@dataclass(frozen=True, slots=True)
class RunnerOptions:
    """Where the gateway is, how many requests run at once, and how long it may take to follow."""

    gateway: str
    concurrency: int
    patience_s: float = 300.0


@dataclass(slots=True)
class _Run:
    """One run that goes on, with answers that are not stored yet."""

    identity: str
    suite: str
    items: int
    answered: int
    waiting: list[Report] = field(default_factory=list)


class EvaluationRunner:
    """Goes through the runs of a start, in their order."""

    def __init__(
        self, steps: RunSteps, options: RunnerOptions, progress: Progress = _unseen
    ) -> None:
        self._steps = steps
        self._options = options
        self._progress = progress

    async def evaluate(self, targets: Sequence[Report]) -> list[Report]:
        """Go through the runs of the targets of a start; gives how each finished.

        Raises:
            Refusal: the control plane refused something.
            Unavailable: the gateway does not answer.
        """
        finished = []
        for target in targets:
            async with self._gateway(target) as client:
                for one in target["runs"]:
                    run = _Run(one["run"], one["suite"], one["items"], one["answered"])
                    await self._answer(client, target, run)
                    finished.append(await self._finished(run))
        return finished

    async def _finished(self, run: _Run) -> Report:
        """The finished run; entries of its last requests may reach the trail a little later."""
        ends = time.monotonic() + _FINISH_S
        while True:
            try:
                return await self._steps.finish(run.identity)
            except Refusal as refusal:
                if refusal.param != UNPROVEN or time.monotonic() > ends:
                    raise
            await asyncio.sleep(_AGAIN_S)

    @asynccontextmanager
    async def _gateway(self, target: Report) -> AsyncIterator[httpx.AsyncClient]:
        most = self._options.concurrency
        async with httpx.AsyncClient(
            base_url=self._options.gateway,
            headers={"authorization": f"Bearer {target['secret']}"},
            timeout=_TIMEOUT,
            limits=httpx.Limits(max_connections=most, max_keepalive_connections=most),
            trust_env=self._options.gateway.startswith("https:"),
        ) as client:
            yield client

    async def _answer(self, client: httpx.AsyncClient, target: Report, run: _Run) -> None:
        """Answer the open items of a run."""
        found = await self._steps.open_items(run.identity)
        self._progress(run.suite, run.answered, run.items)
        if not found:
            return
        first, *others = found
        storing = asyncio.Lock()
        try:
            await self._one(client, target, run, first, storing, patient=True)
            await self._all(client, target, run, others, storing)
        finally:
            await self._store(run, storing, least=1)

    async def _all(
        self,
        client: httpx.AsyncClient,
        target: Report,
        run: _Run,
        items: Sequence[Report],
        storing: asyncio.Lock,
    ) -> None:
        queue = iter(items)

        async def work() -> None:
            for item in queue:
                await self._one(client, target, run, item, storing)

        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(self._options.concurrency):
                    group.create_task(work())
        except* Refusal as refused:
            raise refused.exceptions[0] from refused

    async def _one(
        self,
        client: httpx.AsyncClient,
        target: Report,
        run: _Run,
        item: Report,
        storing: asyncio.Lock,
        *,
        patient: bool = False,
    ) -> None:
        body = {
            "model": target["deployment"],
            "messages": item["messages"],
            **target["parameters"],
        }
        began = time.monotonic()
        try:
            found = _read(await self._sent(client, body, patient=patient))
        except httpx.TransportError:
            found = {"outcome": "failed", "code": "connection_lost"}
        answer = {"item": item["id"], "ms": int((time.monotonic() - began) * 1000)}
        run.waiting.append({**answer, **found})
        run.answered += 1
        self._progress(run.suite, run.answered, run.items)
        await self._store(run, storing, least=self._options.concurrency)

    async def _sent(
        self, client: httpx.AsyncClient, body: Report, *, patient: bool
    ) -> httpx.Response:
        """The last response of some tries.

        Raises:
            Unavailable: when the gateway does not answer, or does not know the key any more.
            httpx.TransportError: when the connection was lost after the request may have arrived.
        """
        until = time.monotonic() + self._options.patience_s
        tries, response = 0, None
        while True:
            tries += 1
            try:
                response = await client.post(_PATH, json=body)
            except _UNSENT as error:
                if tries >= _TRIES:
                    raise Unavailable(
                        f"The gateway at {self._options.gateway} does not answer "
                        f"({type(error).__name__}). Start the evaluation again."
                    ) from error
            else:
                awaited = _NOT_YET if patient else _AGAIN
                over = time.monotonic() >= until if patient else tries >= _TRIES
                if response.status_code not in awaited or over:
                    break
            await asyncio.sleep(_wait(response, tries))
        if response.status_code == httpx.codes.UNAUTHORIZED or (
            patient and response.status_code in _NOT_YET
        ):
            raise Unavailable(
                f"The gateway at {self._options.gateway} does not serve this version to its "
                f"evaluation ({_code(response)}: {_message(response)}). Start it again."
            )
        return response

    async def _store(self, run: _Run, storing: asyncio.Lock, *, least: int) -> None:
        """Store the answers that wait, once there are enough of them; others do not wait for it."""
        if len(run.waiting) < least:
            return
        async with storing:
            if len(run.waiting) < least:
                return
            taken, run.waiting = run.waiting, []
            for answers in _batches(taken):
                await self._steps.store(run.identity, answers)


def _batches(answers: Sequence[Report]) -> Iterator[list[Report]]:
    """Answers in groups that a request of the control plane can hold."""
    batch: list[Report] = []
    size = 0
    for one in answers:
        length = len(one.get("text", ""))
        if batch and (size + length > _MAX_BATCH or len(batch) == _MAX_ANSWERS):
            yield batch
            batch, size = [], 0
        batch.append(one)
        size += length
    if batch:
        yield batch


def _read(response: httpx.Response) -> Report:
    """What a response is as the answer of an item."""
    audit_id = response.headers.get("x-sluis-audit-id", "")
    if response.is_success:
        try:
            text = text_of(response.json())
        except ValueError:
            text = None
        if text is None:
            return {"outcome": "failed", "code": "no_answer", "audit_id": audit_id}
        return {"outcome": "answered", "text": text, "audit_id": audit_id}
    code = _code(response)
    outcome = "blocked" if code in BLOCKED else "failed"
    return {"outcome": outcome, "code": code[:64], "audit_id": audit_id}


def _error(response: httpx.Response) -> Any:
    try:
        document = response.json()
    except ValueError:
        return {}
    error = document.get("error") if isinstance(document, dict) else None
    return error if isinstance(error, dict) else {}


def _code(response: httpx.Response) -> str:
    return str(_error(response).get("code") or response.status_code)


def _message(response: httpx.Response) -> str:
    return str(_error(response).get("message") or "no message")


def _wait(response: httpx.Response | None, tries: int) -> float:
    stated = response.headers.get("retry-after", "") if response is not None else ""
    seconds = float(stated) if stated.isdecimal() else 0.25 * 2**tries
    return min(seconds, _MAX_WAIT_S)
