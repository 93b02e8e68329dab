"""The trail on both databases: chained, durable, recovered after a crash, tamper-evident."""

import asyncio
import hashlib
import os
import subprocess
import sys
import zipfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from gateway.core.errors import TrailDamaged, Unavailable
from gateway.core.system.secrets import PUBLIC, Secrets, create
from gateway.evidence import CLOSE, INTENT, Entry, StoreFailed, Trail
from gateway.evidence.entry import commitments, seal
from gateway.evidence.ledger_store import LedgerStore
from gateway.evidence.postgres_store import PostgresStore
from gateway.governance.actor import LOCAL_OPERATOR
from gateway.governance.plane import ControlPlane, build
from tests.support.entries import leaf
from tests.support.schema import migrate
from tests.support.tampering import by_insider, by_outsider, rewrite_package
from tests.support.tampering_cases import ENTRIES

pytestmark = pytest.mark.integration
VERIFIER = Path(__file__).resolve().parents[3] / "gateway" / "evidence" / "verify.py"
NOW = 1_700_000_000_000
Make = Callable[[], Trail]


def verify(package: Path, key: Path, *more: str) -> int:
    command = [sys.executable, "-I", str(VERIFIER), str(package), "--key", str(key), *more]
    return subprocess.run(command, capture_output=True, check=False).returncode


@pytest.fixture(params=["sqlite", "postgres"])
async def plane(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[ControlPlane]:
    secrets = create(tmp_path / "secrets")
    if request.param == "sqlite":
        url, data_dir = f"sqlite:///{tmp_path / 'governance.db'}", tmp_path
    else:
        url, data_dir = request.getfixturevalue("postgres_url"), None
    built = build(database_url=url, secrets=secrets, data_dir=data_dir)
    await migrate(built.database)
    yield built
    await built.close()


@pytest.fixture
def make(plane: ControlPlane, tmp_path: Path) -> Make:
    def trail() -> Trail:
        if plane.database.is_sqlite:
            store: LedgerStore | PostgresStore = LedgerStore(tmp_path / "audit-gateway.db")
        else:
            store = PostgresStore(plane.database.url)
        return Trail(store, kek=plane.secrets.kek, origin="gateway")

    return trail


def entry(event: str, request: str, **fields: object) -> Entry:
    values = {"principal": "k_app", "zone": "eu", "level": "internal", "findings": {"BSN": 1}}
    return Entry(event, request, NOW, {**values, **fields}, "sha256:b", subject="k_app")  # type: ignore[dict-item]


async def filled(make: Make, count: int = 60) -> None:
    trail = make()
    await trail.start(clock_ms=NOW)

    async def one(number: int) -> None:
        request = f"{number:032x}"
        await trail.record(entry(INTENT, request), b'{"messages":["[PERSON_k7f3qz]"]}')
        await trail.record(entry(CLOSE, request, outcome="ok", cost_micros=5), b"[]")

    await asyncio.gather(*(one(number) for number in range(count)))
    await trail.stop(clock_ms=NOW)


async def export(plane: ControlPlane, path: Path) -> Path:
    await plane.trail.export(
        path, LOCAL_OPERATOR, since=NOW - 1000, until=NOW + 1000, formats=["csv"]
    )
    return path


async def test_an_export_of_concurrent_entries_verifies(
    plane: ControlPlane, make: Make, tmp_path: Path
) -> None:
    await filled(make)
    package = await export(plane, tmp_path / "e.zip")
    assert verify(package, tmp_path / "secrets" / PUBLIC) == 0


async def test_a_clock_that_steps_back_moves_no_entry(
    plane: ControlPlane, make: Make, tmp_path: Path
) -> None:
    trail = make()
    await trail.start(clock_ms=NOW)
    hour = 3_600_000
    for number, time in enumerate((NOW, NOW - hour, NOW - 2 * hour, NOW + 1)):
        one = entry(INTENT, f"{number:032x}")
        one.time = time
        await trail.record(one, b"{}")
    await trail.stop(clock_ms=NOW - hour)
    key = tmp_path / "secrets" / PUBLIC
    for since, until, wanted in (
        (NOW - 3 * hour, NOW + 1000, {0, 1, 2, 3}),
        (NOW - hour, NOW - hour + 1, {1}),
        (NOW - 2 * hour, NOW - 2 * hour + 1, {2}),
    ):
        package = tmp_path / "e.zip"
        await plane.trail.export(
            package, LOCAL_OPERATOR, since=since, until=until, formats=["jsonl"]
        )
        assert verify(package, key) == 0
        with zipfile.ZipFile(package) as opened:
            leaves = [
                orjson.loads(line)["leaf"] for line in opened.read("entries.jsonl").splitlines()
            ]
        assert {f"{number:032x}" for number in wanted} <= {leaf["request"] for leaf in leaves}


async def test_every_way_of_tampering_is_found(
    plane: ControlPlane, make: Make, tmp_path: Path
) -> None:
    for _ in range(2):  # the logs of two processes
        await filled(make, 20)
    package, key = await export(plane, tmp_path / "e.zip"), tmp_path / "secrets" / PUBLIC
    for name, change in ENTRIES.items():
        assert verify(by_outsider(package, tmp_path / "t.zip", change), key) == 1, name
        changed = by_insider(package, tmp_path / "t.zip", change, plane.secrets.signing)
        assert verify(changed, key) == 1, name
    truncated = tmp_path / "half.zip"
    truncated.write_bytes(package.read_bytes()[:-200])
    assert verify(truncated, key) == 2
    create(tmp_path / "others")
    assert verify(package, tmp_path / "others" / PUBLIC) == 3

    def without_checkpoint(parts: dict[str, bytes]) -> None:
        del parts["checkpoint.txt"]

    assert verify(rewrite_package(package, tmp_path / "t.zip", without_checkpoint), key) == 2

    def outside(parts: dict[str, bytes]) -> None:
        parts["../evil"] = b""

    assert verify(rewrite_package(package, tmp_path / "t.zip", outside), key) == 1


@pytest.mark.parametrize(
    "harm",
    [
        "DELETE FROM audit_entry WHERE event = 'trail:log:close'",
        "DELETE FROM audit_entry WHERE seq = 5 AND log <> 'control'",
        "DELETE FROM audit_entry WHERE log <> 'control'",
        (
            "UPDATE audit_entry SET leaf = (SELECT o.leaf FROM audit_entry o WHERE o.log = "
            "audit_entry.log AND o.seq = 6) WHERE seq = 5 AND log <> 'control'"
        ),
    ],
)
async def test_a_damaged_database_is_not_signed(
    plane: ControlPlane, make: Make, tmp_path: Path, harm: str
) -> None:
    await filled(make)
    await plane.trail.log.advance()
    database = (await plane.trail.databases())[-1]
    async with database.write() as connection:
        await connection.execute(text(harm))
    with pytest.raises(TrailDamaged):
        await export(plane, tmp_path / "e.zip")
    assert not (tmp_path / "e.zip").exists()


async def test_open_requests_of_a_dead_process_are_closed(plane: ControlPlane, make: Make) -> None:
    dead = make()
    await dead.start(clock_ms=NOW)
    await dead.record(entry(INTENT, "a" * 32), b"{}")
    await dead._store.close()  # its connection or lock is gone, as after a kill
    living = make()
    assert await living.start(clock_ms=NOW + 1) == 1
    story = await plane.trail.entries_of("a" * 32)
    assert [one.event for one in story] == [INTENT, CLOSE]
    assert story[-1].fields["outcome"] == "unknown_crash"
    await living.stop(clock_ms=NOW + 2)


async def test_a_request_of_a_dead_process_is_closed_once_as_its_last_departure_was(
    plane: ControlPlane, make: Make
) -> None:
    dead = make()
    await dead.start(clock_ms=NOW)
    request = "c" * 32
    await dead.record(entry(INTENT, request, deployment="first"), b"{}")
    await dead.record(entry(INTENT, request, deployment="second"), b"{}")
    await dead.record(entry(INTENT, request, deployment="guard", guardrail="guard/output"))
    await dead._store.close()
    living = make()
    assert await living.start(clock_ms=NOW + 1) == 1
    story = await plane.trail.entries_of(request)
    assert [one.event for one in story] == [INTENT, INTENT, INTENT, CLOSE]
    assert story[-1].fields["deployment"] == "second"
    assert "guardrail" not in story[-1].fields
    await living.stop(clock_ms=NOW + 2)


async def test_a_living_replica_is_left_alone(plane: ControlPlane, make: Make) -> None:
    first = make()
    await first.start(clock_ms=NOW)
    await first.record(entry(INTENT, "b" * 32), b"{}")
    second = make()
    if plane.database.is_sqlite:  # one writer a file: a second one may not start
        with pytest.raises(Unavailable):
            await second.start(clock_ms=NOW)
    else:
        assert await second.start(clock_ms=NOW) == 0
        await second.stop(clock_ms=NOW)
    await first.stop(clock_ms=NOW)


async def test_bodies_are_readable_only_with_a_reason_and_their_key(
    plane: ControlPlane, make: Make
) -> None:
    await filled(make, 1)
    shown = await plane.reveals.reveal(
        "0" * 32, LOCAL_OPERATOR, code="complaint", reason="complaint number 7"
    )
    assert isinstance(shown, list)
    assert shown[0].body == {"messages": ["[PERSON_k7f3qz]"]}
    database = (await plane.trail.databases())[-1]
    async with database.write() as connection:
        rows = await connection.execute(
            text("SELECT payload FROM audit_detail WHERE payload IS NOT NULL")
        )
        assert all(b"PERSON" not in bytes(row.payload) for row in rows)


class FailingStore(LedgerStore):
    """A store whose disk is full from some moment on."""

    full = False

    async def append(self, *arguments: object) -> None:
        if self.full:
            raise StoreFailed("disk full")
        await super().append(*arguments)  # type: ignore[arg-type]


async def test_no_trail_no_answer_and_no_gap_afterwards(tmp_path: Path) -> None:
    store = FailingStore(tmp_path / "audit-gateway.db")
    trail = Trail(store, kek=os.urandom(32), origin="gateway")
    await trail.start(clock_ms=NOW)
    first = trail.log
    store.full = True
    with pytest.raises(Unavailable) as refused:
        await trail.record(entry(INTENT, "c" * 32))
    assert refused.value.retry_after
    store.full = False
    await trail.record(entry(INTENT, "d" * 32))
    assert trail.log != first  # what the failed write left behind is not relied on
    await trail.stop(clock_ms=NOW)


json_values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**53) + 1, 2**53 - 1),
    st.text(),
    st.lists(st.text()),
    st.dictionaries(st.text(st.characters(max_codepoint=0x7F)), st.integers(0, 1000)),
)


@given(st.text(), json_values)
def test_commitments_are_canonical_json(name: str, value: Any) -> None:
    wanted = hashlib.sha256(rfc8785.dumps(["salt", name, value])).hexdigest()
    assert commitments(["salt"], {name: value}) == {name: wanted}


def test_leaves_are_canonical_and_hold_no_value() -> None:
    sealed = seal(entry(INTENT, "e" * 32, note="Jan"), log="l", seq=0, prev="0" * 64)
    canonical = leaf("l", sealed)
    assert rfc8785.dumps(orjson.loads(canonical)) == canonical
    for stored in (canonical, sealed.leaf):
        assert b"Jan" not in stored
        assert b"k_app" not in stored


def test_secrets_are_written_once_and_for_the_owner_only(tmp_path: Path) -> None:
    made: Secrets = create(tmp_path / "s")
    assert len({made.kek, made.pepper, made.placeholder}) == 3
    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "s").iterdir()}
    assert modes.pop(PUBLIC) == 0o644
    assert set(modes.values()) == {0o600}
