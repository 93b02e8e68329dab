"""A new signing key: old and new vouch for one another, and either key verifies every period."""

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import delete, select

from gateway.core.errors import ConfigError, InvalidRequest, TrailDamaged
from gateway.core.system.secrets import CHAIN, PUBLIC, load, next_signing_key
from gateway.evidence.checkpoint import origin_of
from gateway.governance.actor import LOCAL_OPERATOR
from gateway.governance.audit.search import Search
from gateway.governance.merkle_log import signing_keys
from gateway.governance.merkle_log.signing_keys import public_of
from gateway.governance.merkle_log.tables import log_checkpoint, log_key
from gateway.governance.plane import ControlPlane, build
from gateway.processes.cli import main
from gateway.processes.key_rotation import rotate
from gateway.processes.settings import Settings, read
from tests.integration.evidence.test_trail import NOW, Make, make, plane, verify
from tests.integration.evidence.test_witnesses import exported, happened, keys_file
from tests.support.packages import key
from tests.support.witnesses import WitnessServer

__all__ = ["make", "plane"]
pytestmark = pytest.mark.integration
Restarted = Callable[..., Awaitable[ControlPlane]]


@pytest.fixture
def settings(plane: ControlPlane, tmp_path: Path) -> Settings:
    environment = {"SLUIS_DATA_DIR": str(tmp_path)}
    if not plane.database.is_sqlite:
        environment["SLUIS_DATABASE_URL"] = plane.database.url
    return read(environment)


@pytest.fixture
async def restarted(plane: ControlPlane, tmp_path: Path) -> AsyncIterator[Restarted]:
    made = []

    async def one(secrets: Path | None = None) -> ControlPlane:
        built = build(
            database_url=plane.database.url,
            secrets=load(secrets or tmp_path / "secrets"),
            data_dir=tmp_path if plane.database.is_sqlite else None,
        )
        made.append(built)
        return built

    yield one
    for built in made:
        await built.close()


async def test_every_period_verifies_with_the_first_key_and_with_the_newest(
    plane: ControlPlane, settings: Settings, restarted: Restarted, make: Make, tmp_path: Path
) -> None:
    first = tmp_path / "first.pub"
    shutil.copy(tmp_path / "secrets" / PUBLIC, first)
    await happened(plane, make, 0)
    early = await exported(plane, tmp_path / "early.zip")
    newest = plane
    for turn in (1, 2):
        before = (tmp_path / "secrets" / "signing.pem").read_bytes()
        done = await rotate(settings, None)
        assert (tmp_path / "secrets" / "signing.pem").read_bytes() != before
        assert (tmp_path / "secrets" / PUBLIC).read_text(encoding="ascii") == done["new"] + "\n"
        newest = await restarted()
        assert public_of(newest.secrets.signing).hex() == done["new"]
        await happened(newest, make, turn * 1000)
    last = tmp_path / "secrets" / PUBLIC
    for number, (since, until) in enumerate(((0, 500), (1000, 1500), (0, 3000), (2000, 2500))):
        package = await exported(newest, tmp_path / f"{number}.zip", NOW + since, NOW + until)
        assert verify(package, first) == 0
        assert verify(package, last) == 0
    assert verify(early, first) == 0
    assert verify(early, last) == 3
    assert verify(early, last, "--chain", str(tmp_path / "secrets" / CHAIN)) == 0
    async with plane.database.read() as connection:
        notes = (await connection.execute(select(log_checkpoint.c.note))).scalars().all()
    origins = {note.split("\n")[0] for note in notes}
    assert origins == {origin_of(bytes.fromhex(first.read_text(encoding="ascii")))}
    found = await Search(newest.trail).page({"event": "control:signing_key:rotate"})
    assert len(found.rows) == 2


async def test_a_process_with_the_old_key_continues(
    plane: ControlPlane, settings: Settings, restarted: Restarted, make: Make, tmp_path: Path
) -> None:
    first = tmp_path / "first.pub"
    shutil.copy(tmp_path / "secrets" / PUBLIC, first)
    await happened(plane, make, 0)
    await rotate(settings, None)
    new = await restarted()
    for turn, one in enumerate((new, plane, new), 1):
        await happened(one, make, turn * 1000)
        package = await exported(one, tmp_path / f"{turn}.zip")
        assert verify(package, first) == 0
        assert verify(package, tmp_path / "secrets" / PUBLIC) == 0


async def test_an_interrupted_rotation_is_finished_with_the_same_key(
    plane: ControlPlane, settings: Settings, restarted: Restarted, make: Make, tmp_path: Path
) -> None:
    first = tmp_path / "first.pub"
    shutil.copy(tmp_path / "secrets" / PUBLIC, first)
    await happened(plane, make, 0)
    waiting = next_signing_key(tmp_path / "secrets")
    async with plane.database.write() as connection:
        await signing_keys.hand_over(
            connection, plane.journal, LOCAL_OPERATOR, old=plane.secrets.signing, new=waiting
        )
    between = await restarted()  # the old key still signs
    await happened(between, make, 1000)
    assert verify(await exported(between, tmp_path / "between.zip"), first) == 0
    done = await rotate(settings, None)
    assert done["new"] == public_of(waiting).hex()
    after = await restarted()
    await happened(after, make, 2000)
    assert verify(await exported(after, tmp_path / "after.zip"), first) == 0
    async with plane.database.read() as connection:
        assert len(await signing_keys.links(connection)) == 1


async def test_a_rotation_is_recorded_only_when_its_files_are_written(
    plane: ControlPlane, settings: Settings, make: Make, tmp_path: Path
) -> None:
    await happened(plane, make, 0)
    (tmp_path / "occupied").touch()
    with pytest.raises(ConfigError, match="--to"):
        await rotate(settings, tmp_path / "occupied")
    async with plane.database.read() as connection:
        assert await signing_keys.links(connection) == []
    before = (tmp_path / "secrets" / "signing.pem").read_bytes()
    await rotate(settings, tmp_path / "new")
    assert {path.name for path in (tmp_path / "new").iterdir()} == {"signing.pem", PUBLIC, CHAIN}
    assert (tmp_path / "new" / "signing.pem").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "secrets" / "signing.pem").read_bytes() == before
    with pytest.raises(InvalidRequest):  # the key that was replaced is not replaced again
        await rotate(settings, tmp_path / "newer")


async def test_a_new_key_without_its_rotation_note_signs_nothing(
    plane: ControlPlane, settings: Settings, restarted: Restarted, make: Make
) -> None:
    await happened(plane, make, 0)
    await rotate(settings, None)
    new = await restarted()
    async with plane.database.write() as connection:
        await connection.execute(delete(log_key))
    with pytest.raises(TrailDamaged):
        await happened(new, make, 1000)


async def test_a_witness_that_knows_both_keys_goes_on_witnessing(
    plane: ControlPlane, settings: Settings, make: Make, tmp_path: Path
) -> None:
    from gateway.evidence.witness import WitnessConfig, WitnessEndpoint, WitnessKey

    first = tmp_path / "first.pub"
    shutil.copy(tmp_path / "secrets" / PUBLIC, first)
    old = public_of(plane.secrets.signing)
    with WitnessServer(key=key(11), logs={origin_of(old): [old]}) as server:
        for turn in range(2):
            built = build(
                database_url=plane.database.url,
                secrets=load(tmp_path / "secrets"),
                data_dir=tmp_path if plane.database.is_sqlite else None,
                witnessing=WitnessConfig(
                    (WitnessEndpoint.parse(server.url),), (WitnessKey.parse(server.vkey),)
                ),
            )
            await happened(built, make, turn * 1000)
            package = await exported(built, tmp_path / f"{turn}.zip")
            await built.close()
            given = ("--witness-key", str(keys_file(tmp_path, server)), "--require-witness")
            assert verify(package, first, *given) == 0
            done = await rotate(settings, None)
            server.logs[origin_of(old)].append(bytes.fromhex(done["new"]))


def test_the_command_says_what_to_do_next(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["audit", "rotate-key", "--data-dir", str(tmp_path / "data")])
    assert result.exit_code == 0, result.output
    assert "Start the control plane again" in result.output
    public = (tmp_path / "data" / "secrets" / PUBLIC).read_text(encoding="ascii").strip()
    assert f"new: {public}" in result.output
