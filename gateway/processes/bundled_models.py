"""Model versions in the package: the bootstrap actors register and approve them at the start.

They can be quarantined like any version. Every other version needs two people.
"""

from pathlib import Path

from gateway.classifiers.entities import bundled_model
from gateway.core.errors import InvalidRequest
from gateway.core.model_life import DRAFT
from gateway.core.snapshot import DETECTOR, LANGUAGE
from gateway.governance.actor import BOOTSTRAP_APPROVE, BOOTSTRAP_REGISTER
from gateway.governance.models.schemas import RegisteredVersion
from gateway.governance.plane import ControlPlane


async def register_detector(plane: ControlPlane) -> None:
    """Register and approve the bundled classifier."""
    await register_bundled(
        plane,
        bundled_model.NAME,
        bundled_model.version_of(),
        base=bundled_model.MODEL,
        kind=DETECTOR,
    )


async def register_bundled(
    plane: ControlPlane,
    name: str,
    version: str,
    *,
    base: Path,
    adapter: Path | None = None,
    kind: str = LANGUAGE,
    card: Path | None = None,
) -> bool:
    """Register and approve a version; returns True when this call approved it.

    A draft that an interrupted start left is approved too.

    Raises:
        InvalidRequest: when its files are missing or of a forbidden kind.
    """
    existing = await _registered(plane, name, version)
    if existing is not None and not _left_draft(existing):
        return False
    try:
        if existing is None:
            await plane.models.register(
                name,
                version,
                BOOTSTRAP_REGISTER,
                base=base,
                adapter=adapter,
                kind=kind,
                card=card.read_text(encoding="utf-8") if card else None,
            )
        await plane.models.approve(name, version, BOOTSTRAP_APPROVE)
    except InvalidRequest:
        if await _registered(plane, name, version) is None:
            raise
        return False  # another process registers it
    return True


async def _registered(plane: ControlPlane, name: str, version: str) -> RegisteredVersion | None:
    versions = await plane.models.list()
    return next((one for one in versions if (one.name, one.version) == (name, version)), None)


def _left_draft(registered: RegisteredVersion) -> bool:
    return registered.state == DRAFT and registered.registered_by == BOOTSTRAP_REGISTER.id
