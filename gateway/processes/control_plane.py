"""The control plane process: ``/admin/v1`` and its background jobs."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from gateway.core.system.secrets import create_on_first_start
from gateway.governance.app import create_app
from gateway.governance.keys.expiry_notice import ExpiryNotice
from gateway.governance.metrics import LOOK_S, PlaneMetrics
from gateway.governance.notices.channels import NoticeSettings, read_channels
from gateway.governance.notices.service import EVERY_S as NOTICES_S
from gateway.governance.plane import ControlPlane, build
from gateway.governance.proposals.expiry import EVERY_S as PROPOSALS_S
from gateway.governance.reviews.service import EVERY_S as REVIEWS_S
from gateway.governance.security_events.receivers import receivers_of
from gateway.governance.security_events.service import EVERY_S as EVENTS_S
from gateway.governance.security_events.service import AlarmLines, SecurityEventStream
from gateway.governance.usage.rollup import EVERY_S as USAGE_S
from gateway.governance.witnesses.service import EVERY_S
from gateway.processes import memory
from gateway.processes.bundled_models import register_detector
from gateway.processes.jobs import Jobs
from gateway.processes.secrets_loader import secrets_of
from gateway.processes.setting_values import SettingsError
from gateway.processes.settings import LOOPBACK, Settings, resolve_reference
from gateway.processes.uvicorn_server import server

logger = logging.getLogger(__name__)
_LOOK_S = 1.0
_PUBLISH_S = 5.0
_STOPS_S = 1.0
_EXCEPTIONS_S = 2.0
_CHECKPOINT_S = 1.0
_ISSUERS_S = 60.0
_KEY_NOTES_S = 1.0
_SWEEP_S = 60.0
_REPORTS_S = 300.0
_NOTICE_S = 600.0
_MEMORY_S = 60.0
_EXPIRY_S = 600.0  # the due items change once a day


def ensure_secrets(settings: Settings) -> None:
    """Write new secrets on the very first start of an embedded installation; elsewhere never.

    Raises:
        SecretsMissing: when they are absent although a database exists.
    """
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not settings.embedded:
        return
    database_file = (settings.data_dir / "governance.db").exists()
    if database_file and settings.data_dir.stat().st_mode & 0o077:  # made by an older version
        settings.data_dir.chmod(0o700)
    create_on_first_start(settings.secrets_dir, database_exists=database_file)


async def build_plane(settings: Settings) -> ControlPlane:
    """Build the control plane over this installation's database.

    Raises:
        SecretsMissing: when the secrets are incomplete, or the key service does not unwrap the key.
        SettingsError: when the file of channels of notices cannot be used.
    """
    return build(
        database_url=settings.governance_url,
        secrets=await secrets_of(settings),
        data_dir=settings.data_dir if settings.embedded else None,
        cache_dir=settings.cache_dir,
        witnessing=settings.witnessing,
        erasures=settings.erasures,
        signed_head=settings.signed_head,
        models_dir=settings.models_dir,
        gateway_url=_gateway(settings),
        notices=_notices(settings),
    )


def _gateway(settings: Settings) -> str | None:
    """The gateway that evaluations go through; in embedded mode that of this machine."""
    local = f"http://{LOOPBACK}:{settings.data_port}" if settings.embedded else None
    return settings.gateway_url or local


def _notices(settings: Settings) -> NoticeSettings:
    if settings.notices is None:
        return NoticeSettings()
    try:
        return NoticeSettings(read_channels(settings.notices), settings.console_url)
    except ValueError as error:
        raise SettingsError(f"SLUIS_NOTICES: {error}") from error


@asynccontextmanager
async def open_plane(settings: Settings) -> AsyncIterator[ControlPlane]:
    """The control plane for one job in this process, over a migrated database.

    Raises:
        SecretsMissing: when the secrets are incomplete, or of another installation.
    """
    ensure_secrets(settings)
    plane = await build_plane(settings)
    try:
        await plane.open()
        yield plane
    finally:
        await plane.close()


@asynccontextmanager
async def inspected_plane(settings: Settings) -> AsyncIterator[ControlPlane]:
    """The control plane for questions only: nothing is migrated, created or signed.

    Raises:
        SecretsMissing: when the secrets are incomplete, or of another installation.
        SchemaMismatch: when the database is of another version.
    """
    plane = await build_plane(settings)
    try:
        await plane.inspect()
        yield plane
    finally:
        await plane.close()


def warn_when_unwitnessed(settings: Settings) -> None:
    """Warn in production that no witness is configured."""
    if not settings.embedded and not settings.witnessing.witnessed:
        logger.warning("log:witness:none periods are unwitnessed; set SLUIS_WITNESSES")


async def serve(settings: Settings) -> None:
    """Run until a signal stops it."""
    warn_when_unwitnessed(settings)
    if settings.erasures is None:
        logger.warning("erasure:file:none a restored backup brings back; set SLUIS_ERASURES")
    if settings.signed_head is None:
        logger.warning("trail:head:no_file the database alone holds it; set SLUIS_SIGNED_HEAD")
    plane = await build_plane(settings)
    await plane.start()
    await _warn_if_restored(plane)
    await register_detector(plane)
    metrics = PlaneMetrics(plane, token=settings.metrics_token, old_names=settings.old_metric_names)
    jobs = Jobs(observe=metrics.job)
    jobs.start(_LOOK_S, plane.reachability.look, "reachability")
    jobs.start(_PUBLISH_S, plane.snapshots.publish, "snapshots")
    jobs.start(_STOPS_S, plane.stops.watch, "stops")
    jobs.start(_EXCEPTIONS_S, plane.break_glass.end_due, "break-glass")
    jobs.start(_CHECKPOINT_S, plane.trail.log.advance, "sealing")
    jobs.start(EVERY_S, plane.trail.witnesses.show, "witnesses")
    jobs.start(USAGE_S, plane.usage.rollup.run, "usage")
    jobs.start(REVIEWS_S, plane.reviews.run, "reviews")
    jobs.start(PROPOSALS_S, plane.proposal_expiry.run, "proposals")
    jobs.start(_SWEEP_S, plane.subjects.sweep, "erasures")
    jobs.start(_SWEEP_S, plane.leaving.sign_outs.purge, "sign-outs")
    jobs.start(_EXPIRY_S, plane.expiry.run, "expiry")
    jobs.start(_EXPIRY_S, plane.case_text_expiry.run, "case-texts")
    jobs.start(_EXPIRY_S, plane.forgetting.run, "forgetting")
    jobs.start(_EXPIRY_S, plane.partitions.maintain, "partitions")
    jobs.start(_REPORTS_S, plane.reports.make_due, "reports")
    jobs.start(_NOTICE_S, ExpiryNotice(plane.keys, wall=time.time).look, "key-expiry")
    if settings.security_events:
        jobs.start(EVENTS_S, _security_events(plane, settings).run, "security-events")
    if plane.notices.channels:
        jobs.start(NOTICES_S, plane.notices.run, "notices")
    jobs.start(_ISSUERS_S, plane.issuer_keys.refresh, "issuer-keys")
    jobs.start(_KEY_NOTES_S, plane.follow_key_notes, "key-notes")
    jobs.start(LOOK_S, metrics.look, "metrics")
    try:
        app = create_app(
            plane,
            resolve=resolve_reference,
            metrics=metrics,
            trusted_proxies=settings.trusted_proxies,
        )
        memory.settle(first=True)
        jobs.start(_MEMORY_S, partial(asyncio.to_thread, memory.settle, first=False), "memory")
        drain_s = settings.drain_s
        await server(app, settings.host, settings.control_port, drain_s=drain_s).serve()
    finally:
        await jobs.stop()
        await plane.close()


def _security_events(plane: ControlPlane, settings: Settings) -> SecurityEventStream:
    alarms = AlarmLines(clock=time.monotonic)
    logging.getLogger().addHandler(alarms)
    return SecurityEventStream(
        plane.database,
        plane.trail.rows,
        receivers_of(settings.security_events),
        alarms,
        wall=time.time,
    )


async def _warn_if_restored(plane: ControlPlane) -> None:
    gap = await plane.subjects.erasure_gap()
    if gap is not None:
        logger.critical(
            "erasure:file:ahead the database is older than the last erasure on file: erase again "
            "with `sluis erase --replay` and this path",
            extra={"wanted": gap.wanted, "found": gap.there, "path": str(gap.path)},
        )
