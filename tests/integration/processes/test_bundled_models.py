"""The bundled classifier in the registry, registered repeatedly and concurrently."""

import asyncio
from pathlib import Path

import pytest

from gateway.classifiers.entities import bundled_model
from gateway.core.errors import InvalidRequest
from gateway.core.model_life import APPROVED, DRAFT, QUARANTINED
from gateway.core.snapshot import DETECTOR
from gateway.governance.actor import BOOTSTRAP_REGISTER, LOCAL_OPERATOR, Actor
from gateway.processes.bundled_models import register_bundled, register_detector
from tests.integration.governance.conftest import kept
from tests.support.retained import Retained

__all__ = ["kept"]
pytestmark = pytest.mark.integration


async def register_draft(kept: Retained, by: Actor) -> None:
    version, base = bundled_model.version_of(), bundled_model.MODEL
    await kept.plane.models.register(bundled_model.NAME, version, by, base=base, kind=DETECTOR)


async def states(kept: Retained) -> list[str]:
    return [one.state for one in await kept.plane.models.list() if one.name == bundled_model.NAME]


async def test_a_draft_of_an_interrupted_start_is_approved(kept: Retained) -> None:
    await register_draft(kept, BOOTSTRAP_REGISTER)
    await register_detector(kept.plane)
    assert await states(kept) == [APPROVED]


async def test_many_processes_may_start_at_once(kept: Retained) -> None:
    await asyncio.gather(*(register_detector(kept.plane) for _ in range(4)))
    assert await states(kept) == [APPROVED]


async def test_a_draft_of_a_person_waits_for_another_person(kept: Retained) -> None:
    await register_draft(kept, Actor("k_owner", "owner", frozenset({"model_owner"}), "api"))
    await register_detector(kept.plane)
    assert await states(kept) == [DRAFT]


async def test_a_quarantined_version_stays_quarantined(kept: Retained) -> None:
    await register_detector(kept.plane)
    await kept.plane.models.quarantine(
        bundled_model.NAME, bundled_model.version_of(), LOCAL_OPERATOR, reason="wrong names"
    )
    await register_detector(kept.plane)
    assert await states(kept) == [QUARANTINED]


async def test_missing_files_are_refused(kept: Retained, tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest):
        await register_bundled(kept.plane, "demo", "1", base=tmp_path / "absent")
