"""The ledger: whole batches or none, taken over once, damage never mistaken for an end."""

import os
import struct
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.evidence import Entry
from gateway.evidence.entry import GENESIS, seal
from gateway.evidence.ledger import Ledger, LedgerDamaged, encode_frame, ledger_files, read
from gateway.evidence.ledger_import import connect, import_ledgers
from gateway.evidence.rows import EntryBatch

pytestmark = pytest.mark.integration


def batches(count: int, size: int = 3) -> list[EntryBatch]:
    seq, prev, made = 0, GENESIS, []
    for _ in range(count):
        sealed = []
        for _ in range(size):
            entry = Entry(
                "request:answer:close", f"{seq:032x}", seq, {"team": "a"}, payload=b"x" * 50
            )
            sealed.append(seal(entry, log="l", seq=seq, prev=prev))
            seq, prev = seq + 1, sealed[-1].hash
        made.append(EntryBatch("l", sealed, []))
    return made


def taken(tables: Path) -> list[int]:
    with closing(connect(tables)) as db:
        return [seq for (seq,) in db.execute("SELECT seq FROM audit_entry ORDER BY seq")]


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    return tmp_path / "audit-gateway.db"


@pytest.fixture
def ledger(tables: Path) -> Iterator[Ledger]:
    made = Ledger(tables, first=1)
    yield made
    made.close()


def test_concurrent_imports_store_each_entry_once(ledger: Ledger, tables: Path) -> None:
    connect(tables).close()
    for batch in batches(40):
        ledger.append(encode_frame(batch))
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(import_ledgers, [tables] * 8))
    assert taken(tables) == list(range(120))


def test_ledgers_of_an_older_version_are_imported(tables: Path) -> None:
    """Its batches held no stored values."""
    (batch,) = batches(1)
    body = msgspec.msgpack.encode([batch.log, batch.sealed, batch.subject_keys])
    file = tables.with_name("audit-gateway.0000000001.ledger")
    file.write_bytes(struct.pack("<4sII", b"SLG1", len(body), zlib.crc32(body)) + body)
    import_ledgers(tables)
    assert taken(tables) == [0, 1, 2]


def test_only_ended_files_are_deleted(ledger: Ledger, tables: Path) -> None:
    first, second = batches(2)
    ledger.append(encode_frame(first))
    import_ledgers(tables)
    assert len(ledger_files(tables)) == 1  # somebody may still append to it
    later = Ledger(tables, first=2)
    later.append(encode_frame(second))
    later.close()
    import_ledgers(tables)
    assert [file.name for file in ledger_files(tables)] == ["audit-gateway.0000000002.ledger"]
    assert taken(tables) == list(range(6))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_torn_end_loses_only_the_unconfirmed_batch(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    file = tmp_path_factory.mktemp("torn") / "audit-gateway.0000000001.ledger"
    frames = [encode_frame(batch) for batch in batches(3, 1)]
    whole = b"".join(frames)
    cut = data.draw(st.integers(len(frames[0]) + len(frames[1]), len(whole) - 1))
    lost = bytes(data.draw(st.integers(0, 200)))  # zeros that the file system made of it
    file.write_bytes(whole[:cut] + lost)
    assert [batch.sealed[0].seq for batch, _ in read(file, 0, ended=True)] == [0, 1]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_change_in_the_middle_is_damage(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    file = tmp_path_factory.mktemp("hurt") / "audit-gateway.0000000001.ledger"
    frames = [encode_frame(batch) for batch in batches(3, 1)]
    place = data.draw(st.integers(0, len(frames[0]) + len(frames[1]) - 1))
    changed = bytearray(b"".join(frames))
    changed[place] ^= data.draw(st.integers(1, 255))
    file.write_bytes(changed)
    with pytest.raises(LedgerDamaged):
        list(read(file, 0, ended=True))


def test_a_damaged_file_is_kept_and_stops_the_import(ledger: Ledger, tables: Path) -> None:
    for batch in batches(3, 1):
        ledger.append(encode_frame(batch))
    Ledger(tables, first=2).close()
    file = ledger_files(tables)[0]
    changed = bytearray(file.read_bytes())
    changed[len(changed) // 2] ^= 1
    file.write_bytes(changed)
    with pytest.raises(LedgerDamaged):
        import_ledgers(tables)
    assert file.exists()
    assert taken(tables) in ([], [0])


def test_a_failed_write_starts_a_new_file(ledger: Ledger, tables: Path) -> None:
    first, second = (encode_frame(batch) for batch in batches(2, 1))
    ledger.append(first)
    os.close(ledger._file)  # the next write fails, as on a full or broken disk
    with pytest.raises(OSError, match="Bad file"):
        ledger.append(second)
    ledger.append(second)
    import_ledgers(tables)
    assert taken(tables) == [0, 1]
    assert len(ledger_files(tables)) == 1


def test_rows_and_position_are_written_atomically(
    ledger: Ledger, tables: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.append(encode_frame(batches(1)[0]))
    with closing(connect(tables)) as db:
        db.execute(
            "CREATE TRIGGER no BEFORE INSERT ON audit_detail BEGIN SELECT RAISE(ABORT, 'full'); END"
        )
    with pytest.raises(OSError, match="full"):
        import_ledgers(tables)
    assert taken(tables) == []
    with closing(connect(tables)) as db:
        db.execute("DROP TRIGGER no")
    import_ledgers(tables)
    assert taken(tables) == [0, 1, 2]
