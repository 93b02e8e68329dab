"""The data plane process: ``/v1`` on one port, governed."""

import asyncio
import logging
import time
from contextlib import suppress
from importlib.util import find_spec

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.sampling import TraceIdRatioBased
from opentelemetry.trace import Tracer

from gateway.api.app import DataPlane
from gateway.core.errors import ConfigError, Unavailable
from gateway.core.secrets import Secrets, load
from gateway.core.snapshot import Snapshot, SnapshotError
from gateway.decisions import BundleError
from gateway.egress.translator import Translator
from gateway.evidence import EntryStore, Trail
from gateway.evidence.ledger_store import LedgerStore
from gateway.evidence.postgres_store import PostgresStore
from gateway.handles import Handles, compile_snapshot
from gateway.metering import Meter, month_start
from gateway.pipeline import Freshness, Pipeline
from gateway.privacy import Detector, DetectorPool
from gateway.processes import memory
from gateway.processes.readiness import Readiness
from gateway.processes.serving import server
from gateway.processes.snapshots import Watcher, source
from gateway.routing import Health
from gateway.scanning import Scanner
from gateway.settings import Settings, resolve_reference
from gateway.telemetry import Telemetry
from gateway.telemetry.export import batch_processor

logger = logging.getLogger(__name__)
_CACHED_TEXTS = 20_000
_SAMPLED = 0.1
_CLOSE_EGRESS_AFTER_S = 600.0


class _Process:
    """Everything that one data plane shares between requests."""

    def __init__(self, settings: Settings, secrets: Secrets) -> None:
        self.settings = settings
        self.secrets = secrets
        self.handles: Handles | None = None
        self.translator = Translator()
        self.trail = Trail(store(settings), kek=secrets.kek, origin="gateway")
        self.meter: Meter | None = None
        self.watcher = Watcher(
            source(settings), secrets.signing.public_key(), self.take, wall=time.time
        )
        self.readiness = Readiness(settings.ready_urls)
        self.detectors = _detectors(settings)
        self._retired: set[asyncio.Task[None]] = set()

    async def take(self, snapshot: Snapshot) -> None:
        """Compiles in a thread, then swaps atomically."""
        try:
            handles = await asyncio.to_thread(
                compile_snapshot, snapshot, pepper=self.secrets.pepper, secret=resolve_reference,
                worker_token=self.secrets.worker_token,
                dialects={"anthropic": self.translator.dialect("anthropic")},
            )  # fmt: skip
        except BundleError as error:
            raise SnapshotError(str(error)) from error
        if self.meter is not None:
            self.meter.configure(snapshot)
        before, self.handles = self.handles, handles
        memory.settle()
        if before is not None:
            task = asyncio.ensure_future(_retire(before))
            self._retired.add(task)
            task.add_done_callback(self._retired.discard)

    def current(self) -> Handles:
        """The handles in use."""
        if self.handles is None:
            raise Unavailable("The gateway has no configuration yet.", retry_after=2)
        return self.handles

    def freshness(self) -> Freshness:
        """What the age of the snapshot still allows."""
        age = self.watcher.age_s
        return Freshness(
            inside_only=age > self.settings.inside_only_after_s,
            too_old=age > self.settings.refuse_after_s,
        )

    def not_ready(self) -> str | None:
        """Why requests cannot be served yet, or None."""
        if self.handles is None:
            return self.watcher.problem or "no snapshot yet"
        if self.detectors is not None and not self.detectors.version:
            return "the detector process is loading its model"
        return self.readiness.waiting_for()


def store(settings: Settings) -> EntryStore:
    """Where this process writes its entries."""
    if settings.database_url:
        return PostgresStore(settings.database_url)
    return LedgerStore(settings.data_dir / "audit-gateway.db")


def _detectors(settings: Settings) -> DetectorPool | None:
    """The classifier tier; only an explicit setting goes without it."""
    if settings.detectors == 0:
        logger.warning("detector:pool:off names in running text are not looked for")
        return None
    missing = [name for name in ("onnxruntime", "presidio_analyzer") if find_spec(name) is None]
    if missing:
        raise ConfigError(
            f"{', '.join(missing)} is not installed, so names in running text would go unseen: "
            "install sluis[detectors], or set SLUIS_DETECTORS=0 to do without"
        )
    return DetectorPool(settings.detectors)


def tracer(endpoint: str | None) -> Tracer | None:
    """Sampled spans, when a collector is configured."""
    if endpoint is None:
        return None
    provider = TracerProvider(
        sampler=TraceIdRatioBased(_SAMPLED),
        resource=Resource.create({"service.name": "sluis-gateway"}),
    )
    provider.add_span_processor(batch_processor(endpoint))
    return provider.get_tracer("sluis")


async def serve(settings: Settings) -> None:
    """Runs until it is told to stop.

    Raises:
        SecretsMissing: when the secrets directory is not whole.
        Unavailable: when the trail cannot be opened.
    """
    secrets = load(settings.secrets_dir)
    process = _Process(settings, secrets)
    if process.detectors is not None:  # first of all: they load while the rest starts
        await process.detectors.start()
    orphans = await process.trail.start(clock_ms=int(time.time() * 1000))
    if orphans:
        logger.warning("trail:orphan:close", extra={"count": orphans})
    spent = await process.trail.spent_since(month_start(time.time()))
    process.meter = Meter(clock=time.monotonic, wall=time.time, spent=spent)
    telemetry = Telemetry(tracer(settings.otlp_endpoint), clock=time.monotonic)
    pipeline = Pipeline(
        handles=process.current,
        freshness=process.freshness,
        scanner=Scanner(
            Detector(settings.cache_dir),
            process.detectors,
            key=secrets.placeholder,
            capacity=_CACHED_TEXTS,
        ),
        placeholder_key=secrets.placeholder,
        meter=process.meter,
        health=Health(time.monotonic),
        trail=process.trail,
        telemetry=telemetry,
        clock=time.monotonic,
        wall=time.time,
    )
    app = DataPlane(
        pipeline, clock=time.monotonic, ready=process.not_ready, metrics=telemetry.exposition
    )
    await process.watcher.poll()
    background = [
        asyncio.ensure_future(process.watcher.run()),
        asyncio.ensure_future(process.readiness.run()),
    ]
    try:
        await server(app, settings.host, settings.data_port).serve()
    finally:
        for task in background:
            task.cancel()
        await process.translator.close()
        if process.detectors is not None:
            await process.detectors.close()
        await process.trail.stop(clock_ms=int(time.time() * 1000))


async def _retire(handles: Handles) -> None:
    """Old connections close when the requests that use them are certainly over."""
    with suppress(asyncio.CancelledError):
        await asyncio.sleep(_CLOSE_EGRESS_AFTER_S)
    await handles.egress.close()
