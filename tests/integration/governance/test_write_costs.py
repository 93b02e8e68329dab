"""A change costs what it touches, however many objects there are: counted, not timed."""

import cProfile
import pstats
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, event

from gateway.approvals import records
from gateway.approvals.lines import lines_between
from gateway.approvals.objects import document_of_key, kind_of_key
from gateway.core.objects.keys import NewKey
from gateway.governance.actor import LOCAL_OPERATOR
from gateway.governance.changes.basis import Basis
from gateway.governance.keys import store
from tests.support.control_app import control_app
from tests.support.persons import issued
from tests.support.retained import Retained

pytestmark = pytest.mark.integration
FEW, MANY = 10, 200
WARM = 2
MOST = 1.3  # times what it costs with few


@dataclass
class Work:
    """What a call did: statements, and functions of Python and of C that it called."""

    statements: int = 0
    calls: int = 0


@contextmanager
def counted() -> Iterator[Work]:
    work, profile = Work(), cProfile.Profile()

    def count(*_: Any) -> None:
        work.statements += 1

    event.listen(Engine, "before_cursor_execute", count)
    profile.enable()
    try:
        yield work
    finally:
        profile.disable()
        event.remove(Engine, "before_cursor_execute", count)
        work.calls = pstats.Stats(profile).total_calls  # type: ignore[attr-defined]


async def fill(kept: Retained, number: int) -> None:
    """Keys with a record each, as that many calls leave them; half of them have an owner."""
    plane = kept.plane
    async with plane.database.write() as connection:
        for one in range(number):
            owner = f"person{one}@example.nl" if one % 2 else None
            key, _ = plane.keys.draft(NewKey(f"key{one}", days=90 - one % 7, owner=owner), OPERATOR)
            await store.put(connection, key, source=store.ISSUED, now=kept.clock())
            lines = lines_between({}, {(kind_of_key(key), key.id): document_of_key(key)})
            basis = Basis.one(OPERATOR, records.BOOTSTRAP)
            await plane.governed.record(connection, OPERATOR, basis, lines)
    await plane.snapshots.publish()


async def cost_of(folder: Path, keys: int, calls: Sequence[tuple[str, str, Any]]) -> list[Work]:
    """What each call costs an installation with so many keys, once it has been made before."""
    folder.mkdir()
    kept = Retained(folder, None)
    await kept.set_up()
    secret = await issued(
        kept.plane, NewKey("ada", kind="admin", roles=["platform_admin"], owner="ada")
    )
    await fill(kept, keys)
    transport = httpx.ASGITransport(control_app(kept.plane))
    costs = []
    async with httpx.AsyncClient(
        transport=transport,
        base_url="http://control/admin/v1",
        headers={"authorization": f"Bearer {secret}"},
    ) as client:
        for method, path, body in calls:
            for turn in range(WARM + 1):
                with counted() as work:
                    answer = await client.request(method, path.format(turn), json=of(turn, body))
                assert answer.is_success, answer.text
            costs.append(work)
    await kept.plane.close()
    return costs


def of(turn: int, body: dict[str, str] | None) -> dict[str, str] | None:
    return body and {name: value.format(turn) for name, value in body.items()}


OPERATOR = LOCAL_OPERATOR
CALLS = [
    ("POST", "/keys", {"name": "new{}"}),
    ("PATCH", "/keys/key{}", {"clearance": "internal"}),
    ("POST", "/keys/key{}/revoke", None),
    ("PUT", "/teams/team{}", {"floor": "restricted"}),
]


async def test_a_change_costs_the_same_with_many_keys(tmp_path: Path) -> None:
    few = await cost_of(tmp_path / "few", FEW, CALLS)
    many = await cost_of(tmp_path / "many", MANY, CALLS)
    for call, least, most in zip(CALLS, few, many, strict=True):
        assert most.statements <= least.statements * MOST, call
        assert most.calls <= least.calls * MOST, (call, least, most)
