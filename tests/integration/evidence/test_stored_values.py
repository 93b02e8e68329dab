"""Stored values on both databases: bound to their scope, expired in time, erased per person."""

import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.core.errors import InvalidRequest, Unavailable
from gateway.core.snapshot import TENANT
from gateway.core.system.secrets import PUBLIC, create
from gateway.evidence import CLOSE, INTENT, Entry, RedactedValue, Trail, ValueReader, VaultWrite
from gateway.evidence.ledger_import import prepare
from gateway.evidence.ledger_store import LedgerStore
from gateway.evidence.postgres_store import PostgresStore
from gateway.evidence.value_reader import LedgerValues, PostgresValues
from gateway.evidence.values import ValueCipher
from gateway.governance.actor import LOCAL_OPERATOR
from gateway.governance.audit.search import Search
from gateway.governance.data_subjects.schemas import SubjectCount
from gateway.governance.person_keys import DataSubject
from gateway.governance.plane import ControlPlane, build
from gateway.privacy import identifier
from gateway.storage.database import Database, alembic_config
from tests.support.schema import migrate

pytestmark = pytest.mark.integration
VERIFIER = Path(__file__).resolve().parents[3] / "gateway" / "evidence" / "verify.py"
NOW = 1_700_000_000_000
HOUR = 3_600_000
PEOPLE = {"jjj222": "Jan Kwijtelaar", "ppp333": "Petra Zoekgeraakt", "qqq444": "Quint Weggelopen"}
TABLES = ("vault_value", "value_key", "mention")
Make = Callable[[], Trail]


def verify(package: Path, key: Path) -> int:
    command = [sys.executable, "-I", str(VERIFIER), str(package), "--key", str(key)]
    return subprocess.run(command, capture_output=True, check=False).returncode


class Clock:
    """Epoch seconds that a test moves."""

    ms = NOW

    def __call__(self) -> float:
        return self.ms / 1000


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["sqlite", "postgres"])
async def plane(
    request: pytest.FixtureRequest, tmp_path: Path, clock: Clock
) -> AsyncIterator[ControlPlane]:
    secrets = create(tmp_path / "secrets")
    if request.param == "sqlite":
        url, data_dir = f"sqlite:///{tmp_path / 'governance.db'}", tmp_path
    else:
        url, data_dir = request.getfixturevalue("postgres_url"), None
    built = build(database_url=url, secrets=secrets, data_dir=data_dir, wall=clock)
    await migrate(built.database)
    yield built
    await built.close()


@pytest.fixture
def make(plane: ControlPlane, tmp_path: Path) -> Make:
    def trail() -> Trail:
        store: LedgerStore | PostgresStore = (
            LedgerStore(tmp_path / "audit-gateway.db")
            if plane.database.is_sqlite
            else PostgresStore(plane.database.url)
        )
        return Trail(store, kek=plane.secrets.kek, origin="gateway")

    return trail


@pytest.fixture
async def trail(make: Make) -> AsyncIterator[Trail]:
    made = make()
    await made.start(clock_ms=NOW)
    yield made
    await made.stop(clock_ms=NOW)


@pytest.fixture
async def reader(plane: ControlPlane, tmp_path: Path) -> AsyncIterator[ValueReader]:
    made: ValueReader = (
        LedgerValues(tmp_path / "audit-gateway.db", kek=plane.secrets.kek)
        if plane.database.is_sqlite
        else PostgresValues(plane.database.url, kek=plane.secrets.kek)
    )
    yield made
    await made.close()


def name_of(plane: ControlPlane, value: str) -> str:
    found = identifier(plane.secrets.pepper, TENANT, "PERSON", value)
    assert found is not None
    return found


async def three_people(
    plane: ControlPlane,
    trail: Trail,
    *,
    time: int = NOW,
    scope: str = "s1",
    request: str = "a" * 32,
) -> None:
    """One entry that mentions and keeps three people, and its close."""
    taken = [RedactedValue(id_, "PERSON", who, name_of(plane, who)) for id_, who in PEOPLE.items()]
    vault_write = VaultWrite(scope, time + HOUR, taken, tuple(one.identifier for one in taken))
    body = b'{"messages":["[PERSON_jjj222], [PERSON_ppp333] en [PERSON_qqq444]"]}'
    fields: dict[str, Any] = {"principal": "k_app", "findings": {"PERSON": 3}}
    await trail.record(
        Entry(INTENT, request, time, fields, "b", subject="k_app"), body, vault_write
    )
    await trail.record(Entry(CLOSE, request, time, {"outcome": "ok"}, "b", subject="k_app"), b"[]")


async def counts(plane: ControlPlane) -> dict[str, int]:
    return {
        table: sum(
            row["n"] for row in await plane.trail.rows(f"SELECT COUNT(*) AS n FROM {table}", {})
        )
        for table in TABLES
    }


async def rows_of(connection: AsyncConnection, table: str) -> Iterable[Any]:
    return (await connection.execute(text(f"SELECT * FROM {table}"))).mappings()


def person(value: str) -> list[DataSubject]:
    return [DataSubject("PERSON", value)]


async def test_a_conversation_gets_back_what_it_stored_and_no_other_does(
    plane: ControlPlane, trail: Trail, reader: ValueReader
) -> None:
    await three_people(plane, trail)
    stored = await reader.load("s1", now_ms=NOW)
    assert stored == {id_: ("PERSON", who) for id_, who in PEOPLE.items()}
    assert await reader.load("s2", now_ms=NOW) == {}


async def test_rows_moved_to_another_scope_do_not_open(
    plane: ControlPlane, trail: Trail, reader: ValueReader
) -> None:
    await three_people(plane, trail)
    await plane.trail.rows("SELECT 1 AS one", {})
    async with (await plane.trail.databases())[-1].write() as connection:
        await connection.execute(text("UPDATE vault_value SET scope = 's2'"))
    assert await reader.load("s2", now_ms=NOW) == {}


async def test_an_entry_without_keeping_stores_nothing(plane: ControlPlane, trail: Trail) -> None:
    await trail.record(Entry(INTENT, "b" * 32, NOW, {"principal": "k"}, subject="k"), b"{}")
    assert await counts(plane) == dict.fromkeys(TABLES, 0)


async def test_one_of_three_people_is_erased_and_the_entry_stays(
    plane: ControlPlane, trail: Trail, reader: ValueReader, tmp_path: Path
) -> None:
    await three_people(plane, trail)
    before = await plane.trail.entries_of("a" * 32)
    jan = "Jan Kwijtelaar"
    query = "SELECT wrapped FROM value_key WHERE identifier = :who"
    (row,) = await plane.trail.rows(query, {"who": name_of(plane, jan)})
    key = bytes(row["wrapped"])
    done = await plane.subjects.erase(person("dhr. jan  KWIJTELAAR"), LOCAL_OPERATOR, reason="nr 7")
    assert done.erased == [SubjectCount(type="PERSON", values=1, entries=1)]
    left = await reader.load("s1", now_ms=NOW)
    assert {value for _, value in left.values()} == set(PEOPLE.values()) - {jan}
    assert await counts(plane) == dict.fromkeys(TABLES, 2)
    assert await plane.trail.entries_of("a" * 32) == before
    shown = await plane.reveals.reveal(
        "a" * 32, LOCAL_OPERATOR, code="complaint", reason="complaint number 7"
    )
    assert isinstance(shown, list)
    redacted = ["[PERSON_jjj222], [PERSON_ppp333] en [PERSON_qqq444]"]
    assert shown[0].body == {"messages": redacted}
    found = await plane.subjects.find(person("Petra Zoekgeraakt"), LOCAL_OPERATOR, reason="nr 8")
    assert found.subjects == [SubjectCount(type="PERSON", values=1, entries=1)]
    assert [one.request for one in found.entries] == ["a" * 32]
    after_erasure = await plane.subjects.find(person(jan), LOCAL_OPERATOR, reason="nr 9")
    assert (after_erasure.subjects[0].values, after_erasure.entries) == (0, [])
    for file in tmp_path.rglob("*"):  # on SQLite, where the files are ours
        data = file.read_bytes() if file.is_file() else b""
        assert key not in data, file
        assert not any(who.encode() in data for who in PEOPLE.values()), file
    # The ledger whose beginning was overwritten goes on.
    await three_people(plane, trail, time=NOW + 1, request="c" * 32)
    assert len(await reader.load("s1", now_ms=NOW + 1)) == 3


async def test_an_export_after_an_erasure_verifies_and_shows_no_one(
    plane: ControlPlane, trail: Trail, tmp_path: Path
) -> None:
    await three_people(plane, trail)
    await plane.subjects.erase(person("Jan Kwijtelaar"), LOCAL_OPERATOR, reason="nr 7")
    package = tmp_path / "e.zip"
    await plane.trail.export(
        package, LOCAL_OPERATOR, since=NOW - 1000, until=NOW + 1000, formats=["csv", "jsonl"]
    )
    assert verify(package, tmp_path / "secrets" / PUBLIC) == 0
    page = await Search(plane.trail).page({"event": "subject:values:erase"})
    assert len(page.rows) == 1
    query = "SELECT disclosure FROM audit_detail WHERE event = 'subject:values:erase'"
    (row,) = await plane.trail.rows(query, {})
    disclosure = bytes(row["disclosure"]).decode()
    assert '"values":1' in disclosure
    assert "kwijtelaar" not in disclosure.lower()
    assert name_of(plane, "Jan Kwijtelaar") not in disclosure


async def test_values_end_with_their_time(
    plane: ControlPlane, trail: Trail, reader: ValueReader, clock: Clock
) -> None:
    await three_people(plane, trail)
    clock.ms = NOW + HOUR - 1
    await plane.subjects.sweep()
    assert len(await reader.load("s1", now_ms=clock.ms)) == 3
    clock.ms += 1
    assert await reader.load("s1", now_ms=clock.ms) == {}
    assert (await counts(plane))["value_key"] == 3
    await plane.subjects.sweep()
    assert await counts(plane) == {"vault_value": 0, "value_key": 0, "mention": 3}


async def test_erasures_are_replayed_after_a_restore_without_new_values(
    plane: ControlPlane, trail: Trail, reader: ValueReader, clock: Clock
) -> None:
    await three_people(plane, trail)
    clock.ms += 1
    database = (await plane.trail.databases())[-1]
    async with database.read() as connection:
        backup = {
            table: [dict(row) for row in await rows_of(connection, table)] for table in TABLES
        }
    await plane.subjects.erase(person("Jan Kwijtelaar"), LOCAL_OPERATOR, reason="nr 7")
    async with database.write() as connection:
        for table, rows in backup.items():
            await connection.execute(text(f"DELETE FROM {table}"))
            columns = ", ".join(rows[0])
            values = ", ".join(f":{column}" for column in rows[0])
            await connection.execute(
                text(f"INSERT INTO {table} ({columns}) VALUES ({values})"), rows
            )
    assert len(await reader.load("s1", now_ms=NOW)) == 3
    await three_people(plane, trail, time=NOW + 2, scope="s2", request="d" * 32)
    await plane.subjects.sweep()
    assert len(await reader.load("s1", now_ms=NOW)) == 2
    assert len(await reader.load("s2", now_ms=NOW)) == 3


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
async def test_an_older_installation_gets_its_tables(
    request: pytest.FixtureRequest, kind: str, tmp_path: Path
) -> None:
    url, data_dir = f"sqlite:///{tmp_path / 'governance.db'}", tmp_path
    if kind == "postgres":
        url = request.getfixturevalue("empty_postgres_url")
    else:
        prepare(tmp_path / "audit-gateway.db")
    older = [Database(url)]
    async with older[0].write() as connection:
        await connection.run_sync(lambda sync: command.upgrade(alembic_config(sync), "0003"))
    if kind == "sqlite":
        older.append(Database(f"sqlite:///{tmp_path / 'audit-gateway.db'}"))
    for database in older:
        async with database.write() as connection:
            for table in TABLES:
                await connection.execute(text(f"DROP TABLE {table}"))
        await database.close()
    secrets = create(tmp_path / "secrets")
    built = build(
        database_url=url, secrets=secrets, data_dir=data_dir if kind == "sqlite" else None
    )
    await built.database.migrate()
    await built.subjects.sweep()
    found = await built.subjects.find(person("Jan Kwijtelaar"), LOCAL_OPERATOR, reason="nr 7")
    assert found.subjects == [SubjectCount(type="PERSON", values=0, entries=0)]
    await built.close()


async def test_replicas_share_one_vault(
    plane: ControlPlane, trail: Trail, make: Make, reader: ValueReader
) -> None:
    await three_people(plane, trail)
    other = make()
    if plane.database.is_sqlite:  # one writer a file: there are no replicas
        with pytest.raises(Unavailable):
            await other.start(clock_ms=NOW)
        return
    await other.start(clock_ms=NOW)
    await three_people(plane, other, time=NOW + 1, request="e" * 32)  # both met the same people
    assert len(await reader.load("s1", now_ms=NOW)) == 3
    done = await plane.subjects.erase(person("Jan Kwijtelaar"), LOCAL_OPERATOR, reason="nr 7")
    assert done.erased == [SubjectCount(type="PERSON", values=2, entries=2)]
    assert len(await reader.load("s1", now_ms=NOW)) == 3  # the other's came a moment later
    await other.stop(clock_ms=NOW)


@pytest.mark.parametrize(
    ("subject", "reason", "message"),
    [
        (DataSubject("SECRET", "hunter22"), "nr 7", "no such type"),
        (DataSubject("PERSON", " -- "), "nr 7", "identifies no person"),
        (DataSubject("PERSON", "Jan Kwijtelaar"), "letter of jan kwijtelaar", "stays in the trail"),
    ],
)
async def test_an_invalid_erasure_names_its_field(
    plane: ControlPlane, subject: DataSubject, reason: str, message: str
) -> None:
    with pytest.raises(InvalidRequest, match=message) as refused:
        await plane.subjects.erase([subject], LOCAL_OPERATOR, reason=reason)
    assert refused.value.message.startswith("subjects.0: ")
    assert subject.value not in refused.value.message


@given(st.text(max_size=40), st.text(max_size=12), st.text(max_size=12), st.text(max_size=12))
def test_a_sealed_value_opens_under_its_own_scope_and_id_alone(
    value: str, scope: str, id_: str, other: str
) -> None:
    box = ValueCipher(b"k" * 32)
    ciphertext, wrapped = box.seal(RedactedValue(id_, "PERSON", value, "n"), scope=scope)
    row = (id_, "PERSON", ciphertext, wrapped)
    assert box.open_all([row], scope=scope) == {id_: ("PERSON", value)}
    assert ValueCipher(b"x" * 32).open_all([row], scope=scope) == {}
    if other != scope:
        assert box.open_all([row], scope=other) == {}
    if other != id_:
        assert box.open_all([(other, *row[1:])], scope=scope) == {}
