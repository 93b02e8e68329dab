"""Model versions while others are at work: where a tag points, and who waits for whom."""

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest

from gateway.core.manifest import verify
from gateway.governance.actor import Actor
from gateway.governance.models import service as subject
from gateway.governance.models.service import ModelRegistry
from tests.support.retained import Retained

pytestmark = pytest.mark.integration
OWNER = Actor("k_owner", "owner", frozenset({"model_owner"}), "sign-on")
SECOND = Actor("k_second", "second", frozenset({"policy_approver"}), "sign-on")
TAG, ROUNDS = "production", 8


async def approved(models: ModelRegistry, folder: Path, versions: str) -> None:
    folder.mkdir()
    (folder / "config.json").write_text("{}", encoding="utf-8")
    for version in versions:
        await models.register("tiny", version, OWNER, base=folder)
        await models.approve("tiny", version, SECOND)


async def test_a_rollback_goes_to_the_version_before_also_when_another_promotes(
    kept: Retained, tmp_path: Path
) -> None:
    models = kept.plane.models
    await approved(models, tmp_path / "tiny", "123")
    for _ in range(ROUNDS):
        for version in "12":
            await models.promote("tiny", version, OWNER, tag=TAG)
        back, _ = await asyncio.gather(
            models.rollback("tiny", OWNER, tag=TAG), models.promote("tiny", "3", SECOND, tag=TAG)
        )
        (now,) = [one.version for one in await models.list() if TAG in one.tags]
        # Either the rollback came first, from 2 to 1, or it came second, from 3 to 2.
        assert (back, now) in [("1", "3"), ("2", "2")]


async def test_nobody_waits_while_files_are_hashed(
    kept: Retained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashing, others_are_done = threading.Event(), threading.Event()

    def slow(*files: Any) -> None:
        hashing.set()
        assert others_are_done.wait(timeout=10), "somebody waits for the hashing"
        verify(*files)

    monkeypatch.setattr(subject, "verify", slow)
    models, folder = kept.plane.models, tmp_path / "tiny"
    folder.mkdir()
    (folder / "config.json").write_text("{}", encoding="utf-8")
    await models.register("tiny", "1", OWNER, base=folder)
    approving = asyncio.ensure_future(models.approve("tiny", "1", SECOND))
    await asyncio.to_thread(hashing.wait)
    await kept.plane.snapshots.publish()
    others_are_done.set()
    await approving
    (state,) = [one.state for one in await models.list() if one.name == "tiny"]
    assert state == subject.APPROVED
