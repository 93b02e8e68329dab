"""Evaluations that the control plane runs itself: clients start and watch them.

No other process has the key of a run, or can say what was answered.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gateway.core.errors import InvalidRequest, Refusal
from gateway.core.system.logs import fault_fields
from gateway.governance.actor import Actor
from gateway.governance.evaluations.runner import EvaluationRunner, RunnerOptions
from gateway.governance.evaluations.schemas import (
    AnswerBody,
    EvaluationJob,
    EvaluationRunBody,
    EvaluationTarget,
    FinishedResponse,
    RunProgress,
)
from gateway.governance.evaluations.service import Evaluations

logger = logging.getLogger(__name__)
_FAULT = "internal error: see the log of the control plane"


@dataclass(frozen=True, slots=True)
class _LocalSteps:
    """The steps of a run within this process, as the person who started it."""

    evaluations: Evaluations
    actor: Actor

    async def open_items(self, run: str) -> list[dict[str, Any]]:
        return [item.model_dump() for item in await self.evaluations.open_items(run)]

    async def store(self, run: str, answers: list[dict[str, Any]]) -> None:
        bodies = [AnswerBody.model_validate(answer) for answer in answers]
        await self.evaluations.answer(run, bodies, self.actor)

    async def finish(self, run: str) -> dict[str, Any]:
        return (await self.evaluations.finish(run, self.actor)).model_dump()


class EvaluationJobs:
    """Runs evaluations beside the requests of the control plane, one of a version at a time.

    A run that a restart of the control plane breaks off is abandoned by the next start.
    """

    def __init__(self, evaluations: Evaluations, gateway: str | None) -> None:
        """``gateway`` is the address of a gateway; without one nothing is run here."""
        self._evaluations = evaluations
        self._gateway = gateway
        self._starting: set[tuple[str, str]] = set()
        self._running: dict[tuple[str, str], asyncio.Task[None]] = {}
        self._problems: dict[tuple[str, str], str] = {}
        self._finished: dict[tuple[str, str], Sequence[FinishedResponse]] = {}

    async def start(
        self, name: str, version: str, body: EvaluationRunBody, actor: Actor
    ) -> list[RunProgress]:
        """Start runs of a version; gives what is run.

        Raises:
            InvalidRequest: when one is running, no gateway is known, or the start is refused.
        """
        if self._gateway is None:
            raise InvalidRequest(
                "This control plane knows no gateway: set SLUIS_GATEWAY_URL.",
                code="conflict",
            )
        place = (name, version)
        if place in self._running or place in self._starting:
            raise InvalidRequest(f"An evaluation of {name}@{version} is running.", code="conflict")
        self._starting.add(place)
        try:
            targets = await self._evaluations.start(name, version, body, actor)
        finally:
            self._starting.discard(place)
        options = RunnerOptions(self._gateway, body.concurrency)
        steps = _LocalSteps(self._evaluations, actor)
        self._problems.pop(place, None)
        self._finished.pop(place, None)
        task = asyncio.create_task(self._run(place, EvaluationRunner(steps, options), targets))
        self._running[place] = task
        task.add_done_callback(lambda ended: self._ended(place, ended))
        return [run for target in targets for run in target.runs]

    def state(self, name: str, version: str) -> EvaluationJob:
        """Whether an evaluation of a version runs here, and how the last one ended."""
        place = (name, version)
        return EvaluationJob(
            running=place in self._running,
            problem=self._problems.get(place, ""),
            available=self._gateway is not None,
            finished=self._finished.get(place, ()),
        )

    async def stop(self) -> None:
        """Break off what is running."""
        running = list(self._running.values())
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def _run(
        self,
        place: tuple[str, str],
        runner: EvaluationRunner,
        targets: Sequence[EvaluationTarget],
    ) -> None:
        try:
            done = await runner.evaluate([target.model_dump() for target in targets])
            self._finished[place] = [FinishedResponse.model_validate(one) for one in done]
        except Refusal as refusal:
            self._problems[place] = refusal.message

    def _ended(self, place: tuple[str, str], task: "asyncio.Task[None]") -> None:
        del self._running[place]
        if not task.cancelled() and (fault := task.exception()):
            self._problems[place] = _FAULT
            about = {"reason": type(fault).__name__, **fault_fields(fault)}
            logger.error("evaluation:run:fault", extra=about)
