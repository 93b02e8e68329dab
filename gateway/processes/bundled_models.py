"""Versions that come with the product: registered and approved at the start, by actors of their own.

They can be quarantined like any version. Every other version needs two people.
"""

from pathlib import Path

from gateway.classifiers.entities import bundled_model
from gateway.core.errors import InvalidRequest
from gateway.core.snapshot import DETECTOR, LANGUAGE
from gateway.governance.actor import BOOTSTRAP_APPROVE, BOOTSTRAP_REGISTER
from gateway.governance.models.schemas import RegisteredVersion
from gateway.governance.models.service import DRAFT
from gateway.governance.plane import ControlPlane


async def register_detector(plane: ControlPlane) -> None:
    """Puts the classifier into the registry."""
    await register_shipped(
        plane,
        bundled_model.NAME,
        bundled_model.version_of(),
        base=bundled_model.MODEL,
        kind=DETECTOR,
    )


async def register_shipped(
    plane: ControlPlane,
    name: str,
    version: str,
    *,
    base: Path,
    adapter: Path | None = None,
    kind: str = LANGUAGE,
) -> bool:
    """Also approves what a start that was broken off left a draft; True when it is approved now.

    Raises:
        InvalidRequest: when its files are missing or of a forbidden kind.
    """
    known = await _of(plane, name, version)
    if known is not None and not _unfinished(known):
        return False
    try:
        if known is None:
            await plane.models.register(
                name, version, BOOTSTRAP_REGISTER, base=base, adapter=adapter, kind=kind
            )
        await plane.models.approve(name, version, BOOTSTRAP_APPROVE)
    except InvalidRequest:
        if await _of(plane, name, version) is None:
            raise
        return False  # another process is at it
    return True


async def _of(plane: ControlPlane, name: str, version: str) -> RegisteredVersion | None:
    every = await plane.models.list()
    return next((one for one in every if (one.name, one.version) == (name, version)), None)


def _unfinished(one: RegisteredVersion) -> bool:
    return one.state == DRAFT and one.registered_by == BOOTSTRAP_REGISTER.id
