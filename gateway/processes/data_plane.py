"""The data plane process: ``/v1`` on one port."""

import asyncio
import logging
import time
from collections.abc import Coroutine, Iterator
from contextlib import suppress
from functools import partial
from typing import Any

from gateway.api.app import MAX_BODY, DataPlane
from gateway.approvals.provenance import check_provenance, is_of_older_version
from gateway.classifiers.pool import DetectorPool
from gateway.compiled.snapshot import CompiledSnapshot, compile_snapshot
from gateway.core.errors import Unavailable
from gateway.core.snapshot import TENANT, Snapshot, SnapshotError
from gateway.core.system.secrets import GatewaySecrets
from gateway.core.system.steady import Steady
from gateway.decisions import BundleError, Review
from gateway.egress import UpstreamClient, wire_formats
from gateway.egress.translator.client import Translator
from gateway.evidence import AnswerStore, Entry, Value
from gateway.limits import Limiter, has_limits
from gateway.privacy import Detector, documents, identifier
from gateway.processes import memory
from gateway.processes.drain import Drain
from gateway.processes.gateway_limits import open_limits
from gateway.processes.gateway_stores import answer_queries, open_trail, stored_values
from gateway.processes.gateway_telemetry import (
    gateway_telemetry,
    observed_breakers,
    observed_detectors,
    observed_limits,
    observed_rules,
    observed_snapshot,
    observed_spool,
)
from gateway.processes.jobs import Jobs
from gateway.processes.key_requests import KeyRequests
from gateway.processes.readiness import Readiness
from gateway.processes.schema_guard import require_schema
from gateway.processes.secrets_loader import gateway_secrets_of
from gateway.processes.settings import Settings, resolve_reference
from gateway.processes.snapshot_source import POLL_S, SnapshotWatcher, configured_source
from gateway.processes.uvicorn_server import server
from gateway.processes.worker_watch import LOOK_S as WORKERS_S
from gateway.processes.worker_watch import WorkerWatch
from gateway.request.conversation_store import ConversationStore
from gateway.request.documents import DocumentExtractor
from gateway.request.idempotency import Idempotency
from gateway.request.pipeline import Pipeline
from gateway.request.refusal_log import RefusalLog
from gateway.request.response_history import ResponseHistory
from gateway.request.rule_pool import RulePool
from gateway.request.rule_pool import start_of as rule_start
from gateway.request.scanner import Scanner
from gateway.request.sealed_index import SealedIndex
from gateway.request.services import Services, SnapshotStatus
from gateway.routing import CircuitBreakers, problems, unproven
from gateway.telemetry import Observed, Telemetry

logger = logging.getLogger(__name__)
_CACHED_TEXTS = 20_000
_LOOK_S = 1.0
_CLOSE_EGRESS_AFTER_S = 600.0


async def serve(settings: Settings, detectors: DetectorPool | None) -> None:
    """Run until a signal stops it.

    ``detectors`` are the started classifier processes; None only by a setting.

    Raises:
        SecretsMissing: when the secrets are incomplete, or the key service does not unwrap the key.
        SchemaMismatch: when the database is of another version.
        Unavailable: when the trail cannot be opened.
    """
    secrets = await gateway_secrets_of(settings)
    await require_schema(settings.database_url)
    process = _Process(settings, secrets, detectors)
    if detectors is None:
        logger.warning("detector:pool:off names in running text are not looked for")
    orphans = await process.trail.start(clock_ms=int(time.time() * 1000))
    if orphans:
        logger.warning("trail:orphan:close", extra={"count": orphans})
    process.meter = meter = await open_limits(settings, secrets, process.trail)
    telemetry = gateway_telemetry(settings, process.observed())
    app = DataPlane(
        _pipeline(process, meter, telemetry),
        clock=time.monotonic,
        not_ready=process.not_ready,
        metrics=telemetry.exposition,
        degraded=process.degraded,
        metrics_token=settings.metrics_token,
        origins=settings.origins,
    )
    await process.watcher.poll()
    await process.workers.ask()
    if process.rules is not None:
        process.rules.start()
    jobs = Jobs()
    _start_jobs(jobs, process, telemetry)
    try:
        await server(
            app,
            settings.host,
            settings.data_port,
            drain_s=settings.drain_s,
            leave_s=settings.leave_s,
            on_leave=process.drain.leave,
            on_stop=process.drain.begin,
        ).serve()
    finally:
        await jobs.stop()
        if process.rules is not None:
            await process.rules.close()
        process.documents.close()
        await process.translator.close()
        await process.values.close()
        await process.answers.close()
        await meter.close()
        await process.refusal_log.stop()
        await process.trail.stop(clock_ms=int(time.time() * 1000))


class _Process:
    """The state that one data plane shares between requests."""

    def __init__(
        self, settings: Settings, secrets: GatewaySecrets, detectors: DetectorPool | None
    ) -> None:
        self.settings = settings
        self.secrets = secrets
        self.drain = Drain(settings.drain_s, time.monotonic)
        self.compiled: CompiledSnapshot | None = None
        self.translator = Translator()
        self.trail, self.spool = open_trail(settings, secrets)
        self.refusal_log = RefusalLog(
            self.trail, pepper=secrets.pepper, clock=time.monotonic, wall=time.time
        )
        self.values = stored_values(settings, secrets, on_hang=self.trail.pause)
        queries = answer_queries(settings, on_hang=self.trail.pause)
        self.answers = AnswerStore(queries, kek=secrets.kek)
        self.meter: Limiter | None = None
        source = configured_source(settings)
        self.key_requests = KeyRequests(source, clock=time.monotonic)
        self.watcher = SnapshotWatcher(source, secrets.signer, self.take, wall=time.time)
        self.readiness = Readiness(settings.ready_urls)
        self.detectors = detectors
        self.rules = None if detectors is None else RulePool(rule_start(settings.cache_dir))
        self.documents = DocumentExtractor(
            documents.read,
            key=secrets.placeholder,
            deadline_s=settings.document_s,
            clock=time.monotonic,
        )
        self.detector = Detector(settings.cache_dir)
        self.breakers = CircuitBreakers(time.monotonic)
        self.workers = WorkerWatch(lambda: self.compiled, self.trail)
        self._detecting = Steady(clock=time.monotonic)
        self._counting = Steady(clock=time.monotonic)
        self._background: set[asyncio.Task[None]] = set()

    async def take(self, snapshot: Snapshot, digest: str) -> None:
        """Check and compile a snapshot in a thread, record it, then swap atomically."""
        try:
            await asyncio.to_thread(self._check, snapshot)
            compiled = await asyncio.to_thread(
                compile_snapshot,
                snapshot,
                pepper=self.secrets.pepper,
                secret=resolve_reference,
                worker_token=self.secrets.worker_token,
                formats=wire_formats(self.translator),
                before=self.compiled,
                unknown_key=self.key_requests.note,
                reported=self.workers.reported,
            )
            await self.trail.record(_swap(digest, compiled))
        except (BundleError, Unavailable) as error:
            raise SnapshotError(str(error)) from error
        if self.meter is not None:
            self.meter.configure(snapshot)
            self.meter.allow(compiled.policy.failures.local_limits)
        before, self.compiled = self.compiled, compiled
        if before is None or before.policy is not compiled.policy:
            self._in_background(self._load_rules(compiled))
        memory.settle(first=before is None)
        _warn_overdue(compiled)
        _warn_models(snapshot)
        await self.trail.allow(
            compiled.policy.failures.spool_policy, clock_ms=int(time.time() * 1000)
        )
        if before is not None:
            self._in_background(_retire(before.egress, compiled.egress))

    def _check(self, snapshot: Snapshot) -> None:
        """Refuse what no one approved, whoever wrote it into the database."""
        before = self.compiled.snapshot if self.compiled else None
        if is_of_older_version(snapshot) and (before is None or is_of_older_version(before)):
            return
        check_provenance(
            snapshot,
            before,
            self.secrets.signer,
            one_person=self.settings.embedded,
            pins=self.settings.approval_pins,
        )

    async def _load_rules(self, compiled: CompiledSnapshot) -> None:
        """Have the rule process ready for this policy before a request needs it."""
        if self.detectors is not None and self.rules is not None:
            await self.detectors.ready()  # these come first: no request is served without them
            with suppress(Unavailable):
                await self.rules.scan([""], [()], compiled.policy, owner="")

    def _in_background(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    def current(self) -> CompiledSnapshot:
        """The compiled snapshot in use.

        Raises:
            Unavailable: before the first one.
        """
        if self.compiled is None:
            raise Unavailable("The gateway has no configuration yet.", retry_after=2)
        return self.compiled

    def status(self) -> SnapshotStatus:
        """The restrictions that the age of the snapshot causes."""
        age = self.watcher.age_s
        return SnapshotStatus(
            internal_only=age > self.settings.internal_only_after_s,
            too_old=age > self.settings.refuse_after_s,
            spooled_internal_only=self.spool is not None and self.spool.internal_only,
        )

    def not_ready(self) -> dict[str, str]:
        """The parts for want of which requests cannot be served now, each with the reason."""
        reasons = {
            "process": self.drain.problem,
            "snapshot": self._snapshot_problem(),
            "trail": self.trail.problem,
            "detectors": self._detector_problem(),
            "limits": self._limits_problem(),
            "parts": self.readiness.pending_reason(),
        }
        return {part: reason for part, reason in reasons.items() if reason}

    def _snapshot_problem(self) -> str | None:
        if self.compiled is None:
            return self.watcher.problem or "no snapshot yet"
        if self.status().too_old:
            return "the control plane has confirmed no snapshot for too long"
        return None

    def _detector_problem(self) -> str | None:
        if self.detectors is not None and not self.detectors.version:
            return "the detector process is loading its model"
        return None if self._detecting.up else "no detector process runs; they are started again"

    def _limits_problem(self) -> str | None:
        """Why requests with limits are refused; without any limit nothing is."""
        if self._counting.up or self.compiled is None or self.meter is None:
            return None
        bounded = has_limits(self.compiled.snapshot)
        return f"the store of limits is away: {self.meter.problem}" if bounded else None

    async def look(self) -> None:
        """Look at the parts whose readiness nothing else notes; call it once a second."""
        if self.detectors is not None and self.detectors.version:
            self._detecting.observe(works=self.detectors.serving > 0)
        if self.meter is not None:
            await self.meter.look()
            self._counting.observe(works=not self.meter.refuses)
        await self.trail.check(clock_ms=int(time.time() * 1000))

    def observed(self) -> Iterator[Observed]:
        """The metrics that the parts of this process keep."""
        if self.spool is not None:
            yield from observed_spool(self.spool)
        if self.detectors is not None:
            yield from observed_detectors(self.detectors)
        if self.settings.valkey and self.meter is not None:
            yield observed_limits(self.meter)
        yield observed_rules(self.detector.faults)
        yield observed_snapshot(lambda: self.watcher.age_s)
        yield observed_breakers(self.breakers, self._deployments)

    def _deployments(self) -> list[str]:
        return [one.name for one in self.compiled.snapshot.deployments] if self.compiled else []

    def degraded(self) -> str | None:
        """The fault under which requests are still served, or None."""
        if self.spool is not None and self.spool.active:
            return "the database takes no entries; they wait on this gateway's disk"
        if self.meter is not None and self.meter.problem and not self.meter.refuses:
            return "the store of limits is away; this gateway counts by itself"
        return None


def _swap(digest: str, compiled: CompiledSnapshot) -> Entry:
    """The entry that records the policies, catalogue, keys and stops in force here from now on."""
    now = int(time.time() * 1000)
    fields: dict[str, Value] = {"snapshot": digest}
    if stopped := compiled.snapshot.stops.listed():
        fields["stops"] = stopped
    return Entry("gateway:snapshot:swap", "", now, fields, compiled.policy.digest)


def _warn_overdue(compiled: CompiledSnapshot) -> None:
    """Name the use cases whose review is overdue."""
    for case in compiled.snapshot.use_cases:
        review = compiled.policy.use_cases.review(case.review, time.time())
        if review is not Review.CURRENT:
            about = {"use_case": case.name, "review": case.review, "state": review.value}
            logger.warning("use_case:review:overdue", extra=about)


def _warn_models(snapshot: Snapshot) -> None:
    """Name the deployments without an approved version."""
    for deployment, provider in unproven(snapshot):
        about = {"model": deployment.name, "provider": provider.name}
        logger.warning("model:version:unproven", extra=about)
    for name, problem in problems(snapshot).items():
        logger.warning("model:version:unserved", extra={"model": name, "reason": problem})


def _pipeline(process: _Process, meter: Limiter, telemetry: Telemetry) -> Pipeline:
    """The request pipeline over the state of this process."""
    person_key = partial(identifier, process.secrets.pepper, TENANT)
    return Pipeline(
        Services(
            compiled=process.current,
            status=process.status,
            scanner=Scanner(
                process.detector,
                process.detectors,
                key=process.secrets.placeholder,
                capacity=_CACHED_TEXTS,
                person_key=person_key,
                rules=process.rules,
            ),
            documents=process.documents,
            placeholder_key=process.secrets.placeholder,
            conversations=ConversationStore(
                process.values, pepper=process.secrets.pepper, person_key=person_key, wall=time.time
            ),
            idempotency=Idempotency(process.answers, pepper=process.secrets.pepper, wall=time.time),
            history=ResponseHistory(
                process.answers,
                pepper=process.secrets.pepper,
                wall=time.time,
                max_body=MAX_BODY,
            ),
            sealed=SealedIndex(process.secrets.placeholder),
            meter=meter,
            breakers=process.breakers,
            trail=process.trail,
            refusal_log=process.refusal_log,
            telemetry=telemetry,
            clock=time.monotonic,
            wall=time.time,
            drained=process.drain.over,
        )
    )


def _start_jobs(jobs: Jobs, process: _Process, telemetry: Telemetry) -> None:
    """Start the background jobs."""
    settings = process.settings
    jobs.start(POLL_S, process.watcher.poll)
    jobs.start(POLL_S, process.readiness.poll)
    jobs.start(_LOOK_S, process.look)
    jobs.start(WORKERS_S, process.workers.look)
    jobs.start(POLL_S, process.key_requests.send)
    if settings.otlp_endpoint is not None:
        from gateway.telemetry.export import MetricSender

        sender = MetricSender(settings.otlp_endpoint, old_names=settings.old_metric_names)
        jobs.start(
            settings.otlp_metrics_every_s,
            lambda: asyncio.to_thread(sender.send, telemetry.instruments()),
        )


async def _retire(egress: UpstreamClient, after: UpstreamClient) -> None:
    """Close the connections of a replaced snapshot when no request can use them any more.

    The snapshot itself is not held meanwhile: it may have megabytes, and others follow it.
    """
    with suppress(asyncio.CancelledError):
        await asyncio.sleep(_CLOSE_EGRESS_AFTER_S)
    await egress.close(after=after)
