"""The Merkle log: one order for all processes, growing checkpoints, proofs of a period."""

import asyncio
import base64
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import delete, select, text, update

from gateway.core.errors import TrailDamaged
from gateway.core.system.secrets import PUBLIC, load
from gateway.evidence import CLOSE
from gateway.evidence.verify import consistency_heads
from gateway.governance.actor import LOCAL_OPERATOR
from gateway.governance.merkle_log.log_reader import LogReader
from gateway.governance.merkle_log.sequencer import SILENCE_MS
from gateway.governance.merkle_log.tables import log_checkpoint, log_tile
from gateway.governance.plane import ControlPlane, build
from tests.integration.evidence.test_trail import NOW, Make, entry, make, plane, verify
from tests.support.merkle_frontier import Frontier
from tests.support.tampering import by_insider
from tests.support.tampering_cases import ENTRIES, HEADS

__all__ = ["make", "plane"]
pytestmark = pytest.mark.integration


async def recorded(make: Make, *times: int) -> None:
    trail = make()
    await trail.start(clock_ms=times[0])
    for time in times:
        one = entry(CLOSE, f"{time:032x}", outcome="ok")
        one.time = time
        await trail.record(one, b"[]")
    await trail.stop(clock_ms=times[-1])


async def checkpoints(plane: ControlPlane) -> list[tuple[int, bytes]]:
    """Size and head of all that were signed, oldest first."""
    async with plane.database.read() as connection:
        rows = await connection.execute(select(log_checkpoint).order_by(log_checkpoint.c.id))
        return [(row.size, base64.b64decode(row.note.split("\n")[2])) for row in rows]


def head_over(leaves: list[bytes]) -> bytes:
    tree = Frontier()
    for leaf in leaves:
        tree.append(leaf)
    return tree.root()


async def whole(plane: ControlPlane) -> None:
    while await plane.trail.log.advance():
        continue


async def test_every_checkpoint_is_a_beginning_of_the_next(plane: ControlPlane, make: Make) -> None:
    for step in range(5):
        await recorded(make, *(NOW + step * 100 + at for at in range(30)))
        await whole(plane)
    signed = await checkpoints(plane)
    assert [size for size, _ in signed] == sorted({size for size, _ in signed})
    leaves = await LogReader(plane.database).leaves(0, signed[-1][0])
    for size, head in signed:
        assert head_over(leaves[:size]) == head


async def test_a_period_in_the_middle_proves_its_place_and_that_the_log_only_grew(
    plane: ControlPlane, make: Make, tmp_path: Path
) -> None:
    for start in (NOW, NOW + 10_000, NOW + 20_000):
        await recorded(make, *(start + at for at in range(40)))
        await whole(plane)
    package = tmp_path / "middle.zip"
    done = await plane.trail.export(
        package, LOCAL_OPERATOR, since=NOW + 10_000, until=NOW + 20_000, formats=["csv"]
    )
    assert done.entries == 42  # with those that open and close the log of the process
    key_file = tmp_path / "secrets" / PUBLIC
    assert verify(package, key_file) == 0

    # Somebody who has the key leaves something out, and signs what is left.
    changes = {"nothing": lambda _: None, **ENTRIES, **HEADS}
    for name in (
        "nothing",
        "filter narrowed from the front",
        "tail removed and counted again",
        "removed in the middle and chains rebuilt",
        "growth cut",
        "outside reversed",
        "before.txt swapped",
        "before.txt later",
        "forked tree, root and all",
        "checkpoint rolled back",
    ):
        changed = by_insider(package, tmp_path / "t.zip", changes[name], plane.secrets.signing)
        assert verify(changed, key_file) == (name != "nothing"), name


async def test_an_empty_period_is_proved_too(
    plane: ControlPlane, make: Make, tmp_path: Path
) -> None:
    await recorded(make, NOW)
    for since in (NOW - 5000, NOW + 10**9):
        package = tmp_path / f"{since}.zip"
        done = await plane.trail.export(
            package, LOCAL_OPERATOR, since=since, until=since + 10, formats=[]
        )
        assert done.entries == 0
        assert verify(package, tmp_path / "secrets" / PUBLIC) == 0


async def test_several_control_planes_make_one_log(
    plane: ControlPlane, make: Make, tmp_path: Path
) -> None:
    others = [
        build(
            database_url=plane.database.url,
            secrets=load(tmp_path / "secrets"),
            data_dir=tmp_path if plane.database.is_sqlite else None,
        )
        for _ in range(2)
    ]
    try:
        await asyncio.gather(
            recorded(make, *(NOW + at for at in range(80))),
            *(one.trail.log.advance() for one in (plane, *others) for _ in range(10)),
        )
        await whole(plane)
    finally:
        for one in others:
            await one.close()
    signed = await checkpoints(plane)
    leaves = await LogReader(plane.database).leaves(0, signed[-1][0])
    assert len(set(leaves)) == len(leaves) >= 82
    for size, head in signed:
        assert head_over(leaves[:size]) == head


@pytest.fixture
async def later(
    plane: ControlPlane, tmp_path: Path
) -> AsyncIterator[tuple[ControlPlane, list[float]]]:
    """The same control plane, with a clock that the test moves."""
    now = [NOW / 1000]
    built = build(
        database_url=plane.database.url,
        secrets=load(tmp_path / "secrets"),
        data_dir=tmp_path if plane.database.is_sqlite else None,
        wall=lambda: now[0],
    )
    yield built, now
    await built.close()


async def test_silence_is_signed_as_well(
    later: tuple[ControlPlane, list[float]], make: Make
) -> None:
    plane, now = later
    await recorded(make, NOW)
    await whole(plane)
    (first,) = await checkpoints(plane)
    await plane.trail.log.advance()
    assert await checkpoints(plane) == [first]
    now[0] += SILENCE_MS / 1000
    await plane.trail.log.advance()
    assert await checkpoints(plane) == [first, first]


@pytest.mark.parametrize("harm", ["tile", "no tile", "rolled back", "other head", "tail"])
async def test_nothing_is_signed_over_a_log_that_is_not_the_one_signed_before(
    plane: ControlPlane, make: Make, harm: str
) -> None:
    await recorded(make, *(NOW + at for at in range(300)))
    await whole(plane)
    await recorded(make, NOW + 1000)
    await whole(plane)
    async with plane.database.write() as connection:
        last = select(log_checkpoint).order_by(log_checkpoint.c.id.desc()).limit(1)
        newest = (await connection.execute(last)).one()
        if harm == "tile":
            await connection.execute(
                update(log_tile).where(log_tile.c.level == 0).values(hashes=bytes(32 * 256))
            )
        elif harm == "no tile":
            await connection.execute(delete(log_tile).where(log_tile.c.level == 1))
        elif harm == "rolled back":  # a backup of this table alone
            await connection.execute(delete(log_checkpoint).where(log_checkpoint.c.id == newest.id))
        elif harm == "other head":
            await connection.execute(
                update(log_checkpoint)
                .where(log_checkpoint.c.id == newest.id)
                .values(note=newest.note.replace(str(newest.size), str(newest.size - 1)))
            )
    if harm == "tail":
        database = (await plane.trail.databases())[-1]
        async with database.write() as connection:
            await connection.execute(
                text("DELETE FROM audit_entry WHERE event = 'trail:log:close'")
            )
    before = await checkpoints(plane)
    await recorded(make, NOW + 2000)
    with pytest.raises(TrailDamaged):
        await plane.trail.log.advance()
    assert await checkpoints(plane) == before


async def test_growth_is_proved_between_any_two_checkpoints(
    plane: ControlPlane, make: Make
) -> None:
    for step in range(4):
        await recorded(make, *(NOW + step * 100 + at for at in range(90)))
        await whole(plane)
    reader, signed = LogReader(plane.database), await checkpoints(plane)
    newest = await plane.trail.log.latest()
    assert newest is not None
    for size, head in signed[:-1]:
        part = await reader.slice(size, newest.size, newest)
        assert part.older_note.split("\n")[1] == str(size)
        heads = consistency_heads(size, newest.size, head, part.growth_proof)
        assert heads == (head, signed[-1][1])
