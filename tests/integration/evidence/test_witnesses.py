"""Witnesses: get the newest heads asynchronously, are part of exports; a fork stops signing."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import delete, text

from gateway.core.errors import TrailDamaged
from gateway.core.system.credentials import AwsCredentials
from gateway.core.system.secrets import PUBLIC, load
from gateway.evidence import CLOSE
from gateway.evidence.checkpoint import origin_of, parse_notes
from gateway.evidence.key_chain import rotation_note
from gateway.evidence.witness import WitnessConfig, WitnessEndpoint, WitnessKey
from gateway.governance.actor import LOCAL_OPERATOR
from gateway.governance.merkle_log.signing_keys import public_of
from gateway.governance.merkle_log.tables import (
    log_checkpoint,
    log_head,
    log_run,
    log_tile,
    log_witness,
)
from gateway.governance.plane import ControlPlane, build
from tests.integration.evidence.test_trail import NOW, Make, entry, make, plane, verify
from tests.support.certificates import certificate
from tests.support.packages import key
from tests.support.witnesses import Bucket, WitnessServer

__all__ = ["make", "plane"]
pytestmark = pytest.mark.integration
Watched = Callable[..., Awaitable[ControlPlane]]


@pytest.fixture
def witness(plane: ControlPlane) -> Iterator[WitnessServer]:
    public = public_of(plane.secrets.signing)
    with WitnessServer(key=key(11), logs={origin_of(public): [public]}) as server:
        yield server


@pytest.fixture
def bucket() -> Iterator[Bucket]:
    with Bucket() as server:
        yield server


@pytest.fixture
async def watched(plane: ControlPlane, tmp_path: Path) -> AsyncIterator[Watched]:
    """The same control plane with witnesses; each call is like a process of its own."""
    made = []

    async def one(
        *places: str, keys: tuple[str, ...] = (), login: AwsCredentials | None = None
    ) -> ControlPlane:
        witnessing = WitnessConfig(
            tuple(WitnessEndpoint.parse(place, region="eu-central-1") for place in places),
            tuple(WitnessKey.parse(text) for text in keys),
            login or AwsCredentials("TESTKEY", "test-secret"),
        )
        built = build(
            database_url=plane.database.url,
            secrets=load(tmp_path / "secrets"),
            data_dir=tmp_path if plane.database.is_sqlite else None,
            witnessing=witnessing,
        )
        made.append(built)
        return built

    yield one
    for built in made:
        await built.close()


async def happened(plane: ControlPlane, make: Make, at: int, count: int = 20) -> None:
    trail = make()
    await trail.start(clock_ms=NOW + at)
    for number in range(count):
        one = entry(CLOSE, f"{at + number:032x}", outcome="ok")
        one.time = NOW + at + number
        await trail.record(one, b"[]")
    await trail.stop(clock_ms=NOW + at + count)
    while await plane.trail.log.advance():
        continue


async def exported(
    plane: ControlPlane, path: Path, since: int = NOW - 1, until: int = NOW + 10**6
) -> Path:
    await plane.trail.export(path, LOCAL_OPERATOR, since=since, until=until, formats=[])
    return path


def keys_file(tmp_path: Path, witness: WitnessServer) -> Path:
    path = tmp_path / "witness.keys"
    path.write_text(witness.vkey + "\n", encoding="utf-8")
    return path


def manifest(package: Path) -> dict[str, Any]:
    import zipfile

    with zipfile.ZipFile(package) as parts:
        return dict(orjson.loads(parts.read("manifest.json")))


async def test_an_export_holds_what_proves_that_a_witness_saw_it(
    watched: Watched, make: Make, witness: WitnessServer, tmp_path: Path
) -> None:
    plane = await watched(witness.url, keys=(witness.vkey,))
    for start in (0, 1000, 2000):
        await happened(plane, make, start)
        await plane.trail.witnesses.show()
    key_file, keys = tmp_path / "secrets" / PUBLIC, keys_file(tmp_path, witness)
    package = await exported(plane, tmp_path / "e.zip", NOW + 1000, NOW + 1500)
    assert manifest(package)["witnessed"] is True
    assert verify(package, key_file, "--witness-key", str(keys), "--require-witness") == 0
    assert verify(package, key_file, "--require-witness") == 2  # the auditor trusts nobody
    witness.key = key(12)
    assert (
        verify(
            package,
            key_file,
            "--witness-key",
            str(keys_file(tmp_path, witness)),
            "--require-witness",
        )
        == 2
    )


async def test_a_witness_may_have_a_certificate_of_a_private_authority(
    watched: Watched,
    plane: ControlPlane,
    make: Make,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    public, own = public_of(plane.secrets.signing), certificate(tmp_path)
    logs = {origin_of(public): [public]}
    with WitnessServer(key=key(11), logs=logs, tls=own) as server:
        shown = await watched(server.url, keys=(server.vkey,))
        await happened(shown, make, 0)
        await shown.trail.witnesses.show()
        assert server.seen == {}  # no public authority signed its certificate
        monkeypatch.setenv("SSL_CERT_FILE", str(own.path))
        await shown.trail.witnesses.show()
        assert server.seen.keys() == logs.keys()


async def test_a_witness_that_has_seen_more_or_less_is_given_its_proof(
    watched: Watched, make: Make, witness: WitnessServer
) -> None:
    plane = await watched(witness.url, keys=(witness.vkey,))
    await happened(plane, make, 0)
    await plane.trail.witnesses.show()
    async with plane.database.write() as connection:  # a database from before the witness was asked
        await connection.execute(delete(log_witness))
    await happened(plane, make, 1000)
    await plane.trail.witnesses.show()
    newest = await plane.trail.log.latest()
    assert newest is not None
    ((size, _),) = witness.seen.values()
    assert size == newest.size
    witness.seen.clear()  # a witness that lost all it knew
    await happened(plane, make, 2000)
    await plane.trail.witnesses.show()
    newest = await plane.trail.log.latest()
    assert newest is not None
    ((size, _),) = witness.seen.values()
    assert size == newest.size


@pytest.mark.parametrize(
    "behave",
    ["down", "other key", "nothing", "flood", "size", "words", "unknown log", "no such host"],
)
async def test_a_witness_that_fails_is_an_alarm_and_stops_nothing(
    watched: Watched,
    make: Make,
    witness: WitnessServer,
    tmp_path: Path,
    behave: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    url = "https://witness.invalid" if behave == "no such host" else witness.url
    plane = await watched(url, keys=(witness.vkey,))
    witness.down, witness.behave = behave == "down", behave
    if behave == "unknown log":
        witness.logs.clear()
    if behave in {"size", "words"}:
        witness.seen = {origin: (5, bytes(32)) for origin in witness.logs}
    await happened(plane, make, 0)
    with caplog.at_level(logging.ERROR):
        package = await exported(plane, tmp_path / "e.zip")
    assert "log:witness:fail" in caplog.messages
    assert manifest(package)["witnessed"] is False
    assert verify(package, tmp_path / "secrets" / PUBLIC) == 0
    assert (
        verify(
            package,
            tmp_path / "secrets" / PUBLIC,
            "--witness-key",
            str(keys_file(tmp_path, witness)),
            "--require-witness",
        )
        == 2
    )
    async with plane.database.read() as connection:
        assert not (await connection.execute(text("SELECT 1 FROM log_witness"))).all()


async def test_after_an_outage_the_newest_head_is_shown(
    watched: Watched, make: Make, witness: WitnessServer, tmp_path: Path
) -> None:
    plane = await watched(witness.url, keys=(witness.vkey,))
    await happened(plane, make, 0)
    await plane.trail.witnesses.show()
    witness.down = True
    for start in (1000, 2000):
        await happened(plane, make, start)
        await plane.trail.witnesses.show()
    part = await exported(plane, tmp_path / "part.zip")
    assert manifest(part)["witnessed"] is False
    witness.down = False
    await plane.trail.witnesses.show()
    whole = await exported(plane, tmp_path / "whole.zip")
    given = ("--witness-key", str(keys_file(tmp_path, witness)), "--require-witness")
    assert verify(part, tmp_path / "secrets" / PUBLIC, *given) == 2
    assert verify(whole, tmp_path / "secrets" / PUBLIC, *given) == 0


async def test_a_witness_file_grows_and_proves_an_export(
    watched: Watched, make: Make, tmp_path: Path
) -> None:
    kept = tmp_path / "elsewhere.txt"
    plane = await watched(f"file:{kept}")
    for start in (0, 1000, 2000):
        await happened(plane, make, start)
        await plane.trail.witnesses.show()
        await plane.trail.witnesses.show()  # nothing is newer
    assert len(list(parse_notes(kept.read_text(encoding="utf-8")))) == 3
    package = await exported(plane, tmp_path / "e.zip")
    public = tmp_path / "secrets" / PUBLIC
    assert verify(package, public, "--witness-file", str(kept), "--require-witness") == 0
    kept.write_text("", encoding="utf-8")
    assert verify(package, public, "--witness-file", str(kept), "--require-witness") == 2


async def test_a_note_torn_by_a_crash_is_not_merged_with_the_next(
    watched: Watched, make: Make, tmp_path: Path
) -> None:
    kept = tmp_path / "elsewhere.txt"
    plane = await watched(f"file:{kept}")
    await happened(plane, make, 0)
    await plane.trail.witnesses.show()
    whole = kept.read_bytes()
    for number, left in enumerate((1, 30, 100, 200, len(whole) - 20), 1):
        kept.write_bytes(kept.read_bytes() + whole[:-left])
        await happened(plane, make, number * 1000)
        await plane.trail.witnesses.show()
        newest = await plane.trail.log.latest()
        assert newest is not None
        assert str(list(parse_notes(kept.read_text(encoding="utf-8")))[-1]) == newest.note


async def older_backup(plane: ControlPlane, size: int) -> None:
    """All tables of the log as they were when it had ``size`` entries, entries included."""
    async with plane.database.write() as connection:
        await connection.execute(delete(log_checkpoint).where(log_checkpoint.c.size > size))
        await connection.execute(delete(log_run).where(log_run.c.first >= size))
        await connection.execute(delete(log_head))
        for log, last in (
            await connection.execute(
                text("SELECT log, MAX(first_seq + count - 1) FROM log_run GROUP BY log")
            )
        ).all():
            digest = (
                await connection.execute(
                    text("SELECT hash FROM audit_entry WHERE log = :log AND seq = :seq"),
                    {"log": log, "seq": last},
                )
            ).scalar()
            await connection.execute(
                text("INSERT INTO log_head (log, seq, hash, time) VALUES (:log, :seq, :hash, 0)"),
                {"log": log, "seq": last, "hash": digest},
            )
        await connection.execute(
            text("DELETE FROM audit_entry WHERE time >= :time"), {"time": NOW + 1000}
        )
        await connection.execute(
            text("DELETE FROM audit_detail WHERE time >= :time"), {"time": NOW + 1000}
        )
        level0 = (await connection.execute(log_tile.select())).one()
        await connection.execute(log_tile.update().values(hashes=bytes(level0.hashes)[: 32 * size]))


async def test_a_file_that_holds_more_than_the_log_stops_the_signing(
    plane: ControlPlane,
    watched: Watched,
    make: Make,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    if plane.database.is_sqlite:
        pytest.skip("entries stand in files of their own; the rollback below is of one database")
    kept = tmp_path / "elsewhere.txt"
    first = await watched(f"file:{kept}")
    await happened(first, make, 0)
    await first.trail.witnesses.show()
    old = await first.trail.log.latest()
    assert old is not None
    await happened(first, make, 1000)
    await first.trail.witnesses.show()
    await older_backup(first, old.size)
    restored = await watched(f"file:{kept}")
    await restored.trail.log.advance()  # what is left holds together: the log alone cannot know
    with caplog.at_level(logging.CRITICAL), pytest.raises(TrailDamaged):
        await restored.trail.witnesses.show()
    assert "log:witness:contradict" in caplog.messages
    with pytest.raises(TrailDamaged):
        await restored.trail.log.advance()
    with pytest.raises(TrailDamaged):
        await exported(restored, tmp_path / "e.zip")


async def test_a_file_of_another_history_stops_the_signing(
    plane: ControlPlane, watched: Watched, make: Make, tmp_path: Path
) -> None:
    from gateway.evidence.checkpoint import checkpoint

    kept = tmp_path / "elsewhere.txt"
    await happened(plane, make, 0)
    signing = plane.secrets.signing
    origin = origin_of(public_of(signing))
    kept.write_text(
        rotation_note(origin=origin, old=signing, new=key(6), time=1)
        + checkpoint(origin="another.log", size=10**6, root=bytes(32), key=signing)
        + checkpoint(origin=origin, size=10**6, root=bytes(32), key=key(5)),
        encoding="utf-8",
    )
    watching = await watched(f"file:{kept}")
    await watching.trail.witnesses.show()  # none is a head that this log signed
    with kept.open("a", encoding="utf-8") as file:
        file.write(checkpoint(origin=origin, size=7, root=bytes(32), key=signing))
    await happened(plane, make, 1000)
    kept.write_text(
        checkpoint(origin=origin, size=7, root=bytes(32), key=signing), encoding="utf-8"
    )
    with pytest.raises(TrailDamaged, match="another tree of 7 entries"):
        await watching.trail.witnesses.show()


async def test_a_log_that_has_less_than_a_witness_was_shown_stops_the_signing(
    watched: Watched, make: Make, witness: WitnessServer
) -> None:
    plane = await watched(witness.url, keys=(witness.vkey,))
    await happened(plane, make, 0)
    await plane.trail.witnesses.show()
    async with plane.database.write() as connection:
        await connection.execute(log_witness.update().values(size=10**6))
    with pytest.raises(TrailDamaged, match="was shown 1000000 entries"):
        await plane.trail.witnesses.show()


async def test_heads_lie_locked_in_a_bucket(
    watched: Watched, make: Make, bucket: Bucket, tmp_path: Path
) -> None:
    plane = await watched(f"s3+{bucket.url}/trail/sluis?days=30")
    await happened(plane, make, 0)
    package = await exported(plane, tmp_path / "e.zip")
    assert manifest(package)["witnessed"] is True
    assert not bucket.refused
    (name,) = bucket.objects
    assert name.startswith("/trail/sluis/000000000")
    kept = tmp_path / "object.txt"
    kept.write_bytes(bucket.objects[name])
    public = tmp_path / "secrets" / PUBLIC
    assert verify(package, public, "--witness-file", str(kept), "--require-witness") == 0


async def test_a_bucket_that_does_not_take_the_signature_has_seen_nothing(
    watched: Watched, make: Make, bucket: Bucket, caplog: pytest.LogCaptureFixture
) -> None:
    plane = await watched(f"s3+{bucket.url}/trail", login=AwsCredentials("TESTKEY", "wrong"))
    await happened(plane, make, 0)
    with caplog.at_level(logging.ERROR):
        await plane.trail.witnesses.show()
    assert "log:witness:fail" in caplog.messages
    assert bucket.refused == ["SignatureDoesNotMatch"]
    assert not bucket.objects
