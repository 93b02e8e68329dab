"""The control plane process: ``/admin/v1``, and the two jobs that never stop."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

import sqlalchemy.exc

from gateway.core.secrets import load, load_or_create
from gateway.evidence.export import TrailDamaged
from gateway.governance.http import create_app
from gateway.governance.plane import ControlPlane, build
from gateway.processes.serving import server
from gateway.settings import Settings, resolve_reference

logger = logging.getLogger(__name__)
_PUBLISH_S = 5.0
_HEADS_S = 1.0
_ISSUERS_S = 60.0


def ensure_secrets(settings: Settings) -> None:
    """Writes new secrets on the very first start of an embedded installation.

    Raises:
        SecretsMissing: when they are absent although a database exists.
    """
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    existed = not settings.embedded or (settings.data_dir / "governance.db").exists()
    load_or_create(settings.secrets_dir, database_exists=existed)


def plane_of(settings: Settings) -> ControlPlane:
    """The control plane over this installation's database.

    Raises:
        SecretsMissing: when the secrets directory is not whole.
    """
    return build(
        database_url=settings.governance_url,
        secrets=load(settings.secrets_dir),
        data_dir=settings.data_dir if settings.embedded else None,
    )


async def serve(settings: Settings) -> None:
    """Runs until it is told to stop."""
    plane = plane_of(settings)
    await plane.start()
    jobs = [
        asyncio.ensure_future(_every(_PUBLISH_S, plane.snapshots.publish)),
        asyncio.ensure_future(_every(_HEADS_S, plane.trail.sign_heads)),
        asyncio.ensure_future(_every(_ISSUERS_S, plane.snapshots.refresh_issuers)),
    ]
    try:
        app = create_app(plane, resolve=resolve_reference)
        await server(app, settings.host, settings.control_port).serve()
    finally:
        for job in jobs:
            job.cancel()
        await plane.close()


async def _every(seconds: float, work: Callable[[], Awaitable[object]]) -> None:
    while True:
        try:
            await work()
        except (sqlalchemy.exc.SQLAlchemyError, OSError) as error:
            logger.warning("control:job:retry", extra={"reason": type(error).__name__})
        except TrailDamaged as damage:  # an alarm, and nothing is signed until it is repaired
            logger.critical("trail:head:refused", extra={"reason": str(damage)})
        await asyncio.sleep(seconds)
