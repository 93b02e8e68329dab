"""What is published is the present state, however many publish at once."""

import asyncio
from itertools import count

import pytest
from sqlalchemy import text

from gateway.core.snapshot import unseal
from gateway.governance.actor import LOCAL_OPERATOR
from gateway.governance.keys import NewKey
from gateway.governance.plane import ControlPlane
from tests.support.retained import Retained

pytestmark = pytest.mark.integration
KEYS, OTHERS = 12, 4


async def published_keys(plane: ControlPlane) -> set[str]:
    """The keys in the snapshot that a gateway would take now."""
    async with plane.database.read() as connection:
        row = (
            await connection.execute(text("SELECT envelope FROM snapshot ORDER BY id DESC LIMIT 1"))
        ).one()
    snapshot, _ = unseal(bytes(row.envelope), plane.secrets.signing.public_key())
    return {key.name for key in snapshot.keys}


async def test_a_revoked_key_does_not_come_back_when_others_publish_too(kept: Retained) -> None:
    plane = kept.plane
    names = [f"k{number}" for number in range(KEYS)]
    for name in names:
        await plane.keys.create(NewKey(name), LOCAL_OPERATOR)
    stopped = asyncio.Event()

    async def publish_often() -> None:
        for _ in count():
            if stopped.is_set():
                return
            await plane.snapshots.publish()

    others = [asyncio.ensure_future(publish_often()) for _ in range(OTHERS)]
    came_back = []
    for at, name in enumerate(names):
        await plane.keys.revoke(name, LOCAL_OPERATOR)
        await plane.snapshots.publish()
        for _ in range(OTHERS):
            came_back += sorted(await published_keys(plane) & set(names[: at + 1]))
    stopped.set()
    await asyncio.gather(*others)
    assert not came_back
    assert not await published_keys(plane) & set(names)
