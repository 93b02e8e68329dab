"""The engine: loads the requested versions one after another and keeps them alive."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager

import torch

from gateway.core.errors import Unavailable, UnknownModel, UpstreamFailed
from gateway.core.system.logs import fault_fields
from gateway.telemetry import Metric
from gateway.telemetry.table import worker as table
from gateway.worker import memory
from gateway.worker.embedding import EmbeddingRequest, Embeddings
from gateway.worker.generation import Generation
from gateway.worker.loader import Loader
from gateway.worker.metrics import Metrics
from gateway.worker.model_state import (
    LOADING,
    READY,
    REFUSED,
    RESTARTING,
    LoadFailure,
    ModelState,
    failure_of,
)
from gateway.worker.replica import Replica
from gateway.worker.request import ChatRequest
from gateway.worker.spec import ServedModel, WorkerOptions

_SUPERVISE_EVERY_S = 0.25
_RETRY_REFUSED_S = 300.0
_LOADING_RETRY_S = 5
_REFUSED_RETRY_S = 30
logger = logging.getLogger(__name__)


class Engine:
    """Serves the requested versions; everything but loading runs on one event loop."""

    def __init__(
        self, options: WorkerOptions, *, show: Callable[[str], object] = lambda _: None
    ) -> None:
        """``show`` is given the plan of each version that is loaded, as a line."""
        self.options = options
        self._show = show
        self.metrics = Metrics(old_names=options.old_metric_names)
        self._loader = Loader()
        self._targets: dict[str, ServedModel] | None = None
        self._replicas: dict[str, Replica] = {}
        self._leaving: dict[str, float] = {}  # since when, by key
        self._refused: dict[str, LoadFailure] = {}
        self._tried = 0.0
        self._loading = asyncio.Lock()
        self._supervisor: asyncio.Task[None] | None = None
        self._retrying: asyncio.Task[None] | None = None
        self._closed = False
        self._has_been_ready = False

    async def serve(self, models: Sequence[ServedModel]) -> None:
        """Make these the served versions; returns when each is loaded or refused.

        A version that stays is not interrupted. A version that one of them replaces serves until
        that one is ready, and until its own requests have ended. One that cannot be loaded is
        refused; what it would have replaced goes on. Any other version ends at once, and its
        running answers fail.
        """
        if self._supervisor is None:
            torch.set_num_threads(self.options.threads)
            self._supervisor = asyncio.create_task(self._supervise())
        self._targets = targets = {model.key: model for model in models}
        self._refused = {key: why for key, why in self._refused.items() if key in targets}
        removed = [key for key in self._replicas if not self._may_stay(key)]
        await asyncio.gather(*(self._unload(key) for key in removed))
        async with self._loading:
            self._tried = time.monotonic()
            for model in targets.values():
                # A later call may have changed the set while this one waited or loaded.
                if self._targets is targets and not self._closed:
                    await self._ensure(model)
                    await self._ensure_stand_in(model)

    @asynccontextmanager
    async def generate(
        self, request: ChatRequest, caller: str = ""
    ) -> AsyncIterator[tuple[ServedModel, Generation]]:
        """Start the answer to a request; leaving the block ends the generation within a step.

        ``caller`` tells callers apart, who take turns when they wait.

        Raises:
            UnknownModel: when no such version is served.
            Unavailable: with retry_after, while it is loading or refused.
            Refusal: as ``Replica.generate``.
        """
        replica = self._replica_for(request.model)
        async with replica.generate(request, caller) as generation:
            yield replica.served, generation

    async def embed(
        self, request: EmbeddingRequest, caller: str = ""
    ) -> tuple[ServedModel, Embeddings]:
        """The vectors of a request, with the version that made them.

        Raises:
            As ``generate``.
        """
        replica = self._replica_for(request.model)
        return replica.served, await replica.embed(request, caller)

    def states(self) -> tuple[ModelState, ...]:
        """The state of each requested version."""
        return tuple(self._state(model) for model in (self._targets or {}).values())

    def served_names(self) -> Iterator[tuple[str, ServedModel]]:
        """The names that are answered, with the version that answers each."""
        for replica in self._replicas.values():
            yield replica.served.served_name, replica.served
        for model in (self._targets or {}).values():
            if (answering := self._answering(model)) is not None:
                yield from ((alias, answering.served) for alias in model.aliases)

    @property
    def ready(self) -> bool:
        """True once every requested version was ready, and while any of them is.

        A version that another stands in for is ready in this sense.
        """
        if self._targets is None or self._closed:
            return False
        answering = [self._answering(model) for model in self._targets.values()]
        works = [one is not None and one.ready for one in answering]
        self._has_been_ready = self._has_been_ready or all(works)
        return any(works) or not works if self._has_been_ready else False

    def metrics_text(self) -> str:
        """All metrics in Prometheus text format."""
        gauges: list[tuple[Metric, str, float]] = [(table.UP, "", 1)]
        for replica in self._replicas.values():
            name = replica.served.served_name
            gauges += [
                (table.RUNNING, name, replica.batcher.running),
                (table.WAITING, name, replica.queue.waiting),
                (table.KV, name, replica.batcher.cache_use),
                (table.READY, name, replica.ready),
            ]
        return self.metrics.text(gauges)

    async def close(self, *, grace_s: float = 20.0) -> None:
        """Refuse new requests, let running ones end for ``grace_s`` seconds, then stop."""
        self._closed = True
        try:
            async with asyncio.timeout(grace_s):
                for replica in list(self._replicas.values()):
                    await replica.idle.wait()
        except TimeoutError:
            logger.warning("worker:drain:cut")
        tasks = [task for task in (self._supervisor, self._retrying) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.gather(*(self._unload(key) for key in list(self._replicas)))

    async def _ensure(self, model: ServedModel) -> None:
        """Load a version beside the others, verify it, and let it answer once before it serves."""
        if model.key in self._replicas:
            self._replicas[model.key].served = model  # the tags may have moved
            return
        replica: Replica | None = None
        try:
            replica = await asyncio.to_thread(self._load, model)
            await replica.warm_up()
        except Exception as error:  # noqa: BLE001 - broken files make libraries raise anything
            self._refuse(model, failure_of(error))
            if replica is not None:
                await self._stop(replica)
            del replica
            await asyncio.to_thread(memory.release)
            return
        self._refused.pop(model.key, None)
        self._replicas[model.key] = replica
        about = {"model": model.served_name, "digest": model.digest}
        logger.info("worker:model:load", extra=about)
        if not self._may_stay(model.key) or self._closed:
            await self._unload(model.key)

    def _refuse(self, model: ServedModel, failure: LoadFailure) -> None:
        self._refused[model.key] = failure
        about = {"model": model.served_name, "reason": failure.logged}
        logger.error("worker:model:refuse", extra=about)

    async def _ensure_stand_in(self, model: ServedModel) -> None:
        """After a start with a version that is refused: serve the one before it."""
        for earlier in model.earlier:
            if model.key not in self._refused or self._answering(model) is not None:
                return
            await self._ensure(earlier)
            self._refused.pop(earlier.key, None)

    def _load(self, model: ServedModel) -> Replica:
        loaded = self._loader.load(model, self.options, share=self._share())
        self._show(loaded.plan.line(model.served_name))
        return Replica(model, loaded, options=self.options, metrics=self.metrics)

    def _share(self) -> float:
        """Free memory is divided by the versions that are to be loaded, and by one to come."""
        missing = sum(key not in self._replicas for key in self._targets or {})
        return 1 / (missing + 1)

    async def _unload(self, key: str) -> None:
        replica = self._replicas.pop(key, None)
        self._leaving.pop(key, None)
        if replica is not None:
            await self._stop(replica)
            logger.info("worker:model:unload", extra={"model": replica.served.served_name})
            del replica
            await asyncio.to_thread(memory.release)

    async def _stop(self, replica: Replica) -> None:
        replica.close(UpstreamFailed("This model is no longer served.", code="model_removed"))
        await asyncio.to_thread(replica.batcher.stop)

    def _may_stay(self, key: str) -> bool:
        """Whether a version is requested, or one that a requested version replaces."""
        targets = self._targets or {}
        earlier = {one.key for model in targets.values() for one in model.earlier}
        return key in targets or key in earlier

    def _answering(self, model: ServedModel) -> Replica | None:
        """What answers for a requested version: itself, or the one before until it is ready."""
        keys = (model.key, *(one.key for one in model.earlier))
        return next((self._replicas[key] for key in keys if key in self._replicas), None)

    def _replica_for(self, name: str) -> Replica:
        if self._closed:
            raise Unavailable("The worker is shutting down.", retry_after=_LOADING_RETRY_S)
        for replica in self._replicas.values():
            if replica.served.served_name == name:
                return replica
        for state in self.states():
            model = state.served
            if name == model.served_name or name in model.aliases:
                stands_in = self._answering(model) if name in model.aliases else None
                if stands_in is not None:
                    return stands_in
                if state.state == REFUSED:
                    raise Unavailable("This model was refused.", retry_after=_REFUSED_RETRY_S)
                raise Unavailable("This model is loading.", retry_after=_LOADING_RETRY_S)
        raise UnknownModel("No such model is served here.", param="model")

    def _state(self, model: ServedModel) -> ModelState:
        replica, failure = self._replicas.get(model.key), self._refused.get(model.key)
        if replica is not None:
            return ModelState(model, READY if replica.ready else RESTARTING)
        answering = self._answering(model)
        stands_in = None if answering is None else answering.served
        if failure is not None:
            return ModelState(model, REFUSED, failure.reason, failure.cause, stands_in)
        return ModelState(model, LOADING, stands_in=stands_in)

    async def _supervise(self) -> None:
        """Rebuild dead batches, let go of what was replaced; no exception may end the process."""
        while True:
            for replica in list(self._replicas.values()):
                if not replica.batcher.alive:
                    about = {"model": replica.served.served_name}
                    logger.error("worker:model:restart", extra=about)
                    try:
                        await replica.recover()
                    except Exception as fault:  # noqa: BLE001 - the supervisor must go on
                        about |= fault_fields(fault)
                        logger.error("worker:model:restart-failed", extra=about)
            await self._let_go()
            self._retry_refused()
            await asyncio.sleep(_SUPERVISE_EVERY_S)

    async def _let_go(self) -> None:
        """Unload replaced versions for which no gateway asks any more."""
        for key, replica in list(self._replicas.items()):
            if self._is_needed(key):
                self._leaving.pop(key, None)
                continue
            now = time.monotonic()
            since = self._leaving.setdefault(key, now)
            if min(now - since, replica.quiet_s) >= self.options.handover_s:
                await self._unload(key)

    def _is_needed(self, key: str) -> bool:
        """Whether a version is requested, or stands in for one that is not loaded."""
        targets = self._targets or {}
        return key in targets or any(
            key == earlier.key
            for model in targets.values()
            if model.key not in self._replicas
            for earlier in model.earlier
        )

    def _retry_refused(self) -> None:
        """Try again now and then: files may be restored, and memory be free."""
        due = self._refused and time.monotonic() - self._tried > _RETRY_REFUSED_S
        if due and self._targets is not None and not self._loading.locked():
            self._tried = time.monotonic()
            self._retrying = asyncio.create_task(self.serve(list(self._targets.values())))
