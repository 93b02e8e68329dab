"""The engine: loads the requested versions one after another and keeps them alive."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import torch

from gateway.core.errors import Unavailable, UnknownModel, UpstreamFailed
from gateway.core.manifest import ManifestError
from gateway.core.system.logs import fault_fields
from gateway.telemetry import Metric
from gateway.telemetry.table import worker as table
from gateway.worker.generation import Generation
from gateway.worker.loader import Loader
from gateway.worker.metrics import Metrics
from gateway.worker.replica import Replica
from gateway.worker.request import ChatRequest
from gateway.worker.spec import ServedModel, WorkerOptions

_SUPERVISE_EVERY_S = 0.25
_LOADING_RETRY_S = 5
_REFUSED_RETRY_S = 30
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ModelState:
    """The state of one requested version: loading, ready, restarting or refused, and why."""

    served: ServedModel
    state: str
    reason: str | None


class Engine:
    """Serves the requested versions; everything but loading runs on one event loop."""

    def __init__(self, options: WorkerOptions) -> None:
        self.options = options
        self.metrics = Metrics(old_names=options.old_metric_names)
        self._loader = Loader()
        self._targets: dict[str, ServedModel] | None = None
        self._replicas: dict[str, Replica] = {}
        self._refused: dict[str, str] = {}
        self._loading = asyncio.Lock()
        self._supervisor: asyncio.Task[None] | None = None
        self._closed = False

    async def serve(self, models: Sequence[ServedModel]) -> None:
        """Make these the served versions; returns when each is loaded or refused.

        A version that is not among them ends at once, and its running answers fail. A version that
        stays is not interrupted. A version that cannot be loaded is refused; others are served.
        """
        if self._supervisor is None:
            torch.set_num_threads(self.options.threads)
            self._supervisor = asyncio.create_task(self._supervise())
        self._targets = targets = {_key(model): model for model in models}
        self._refused.clear()
        removed = [key for key in self._replicas if key not in targets]
        await asyncio.gather(*(self._unload(key) for key in removed))
        async with self._loading:
            for key, model in targets.items():
                # A later call may have changed the set while this one waited or loaded.
                if self._targets is targets and not self._closed:
                    await self._ensure(key, model)

    @asynccontextmanager
    async def generate(self, request: ChatRequest) -> AsyncIterator[tuple[ServedModel, Generation]]:
        """Start the answer to a request; leaving the block ends the generation within a step.

        Raises:
            UnknownModel: when no such version is served.
            Unavailable: with retry_after, while it is loading or refused.
            Refusal: as ``Replica.generate``.
        """
        replica = self._replicas[_key(self._ready_model(request.model))]
        async with replica.generate(request) as generation:
            yield replica.served, generation

    def states(self) -> tuple[ModelState, ...]:
        """The state of each requested version."""
        return tuple(self._state(key, model) for key, model in (self._targets or {}).items())

    @property
    def ready(self) -> bool:
        """True once ``serve`` was called and every requested version is ready."""
        serving = self._targets is not None and not self._closed
        return serving and all(state.state == "ready" for state in self.states())

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
        if self._supervisor is not None:
            self._supervisor.cancel()
            await asyncio.gather(self._supervisor, return_exceptions=True)
        await asyncio.gather(*(self._unload(key) for key in list(self._replicas)))

    async def _ensure(self, key: str, model: ServedModel) -> None:
        if key in self._replicas:
            self._replicas[key].served = model  # the tags may have moved
            return
        try:
            replica = await asyncio.to_thread(self._load, model)
        except Exception as error:  # noqa: BLE001 - broken files make libraries raise anything
            self._refused[key] = _reason_of(error)
            about = {"model": model.served_name, "reason": _logged_reason_of(error)}
            logger.error("worker:model:refuse", extra=about)
            return
        self._replicas[key] = replica
        about = {"model": model.served_name, "digest": model.digest}
        logger.info("worker:model:load", extra=about)
        if key not in (self._targets or {}) or self._closed:
            await self._unload(key)

    def _load(self, model: ServedModel) -> Replica:
        loaded = self._loader.load(model)
        return Replica(model, loaded, options=self.options, metrics=self.metrics)

    async def _unload(self, key: str) -> None:
        replica = self._replicas.pop(key, None)
        if replica is not None:
            replica.close(UpstreamFailed("This model is no longer served.", code="model_removed"))
            await asyncio.to_thread(replica.batcher.stop)
            logger.info("worker:model:unload", extra={"model": replica.served.served_name})

    def _ready_model(self, name: str) -> ServedModel:
        if self._closed:
            raise Unavailable("The worker is shutting down.", retry_after=_LOADING_RETRY_S)
        for state in self.states():
            if name == state.served.served_name or name in state.served.aliases:
                if state.state == "refused":
                    raise Unavailable("This model was refused.", retry_after=_REFUSED_RETRY_S)
                if state.state == "loading":
                    raise Unavailable("This model is loading.", retry_after=_LOADING_RETRY_S)
                return state.served
        raise UnknownModel("No such model is served here.", param="model")

    def _state(self, key: str, model: ServedModel) -> ModelState:
        if key in self._refused:
            return ModelState(model, "refused", self._refused[key])
        if key not in self._replicas:
            return ModelState(model, "loading", None)
        return ModelState(model, "ready" if self._replicas[key].ready else "restarting", None)

    async def _supervise(self) -> None:
        """Rebuild dead batches; no exception of one batch may end the process."""
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
            await asyncio.sleep(_SUPERVISE_EVERY_S)


def _logged_reason_of(error: Exception) -> str:
    """The message of our own errors; the class of a library's, whose message may be anything."""
    return str(error) if isinstance(error, ManifestError) else type(error).__name__


def _reason_of(error: Exception) -> str:
    """The message of our own errors; class and message of a library's."""
    return str(error) if isinstance(error, ManifestError) else f"{type(error).__name__}: {error}"


def _key(model: ServedModel) -> str:
    return f"{model.served_name} {model.digest}"
