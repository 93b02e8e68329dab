"""What a control plane reads once a second does not grow with the heads that it has signed.

A query that reads a whole table takes longer with each row, and fills the page cache of each
connection: the process grows for as long as the table does.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, event, insert
from sqlalchemy.engine import Engine

from gateway.core.objects.keys import NewKey
from gateway.governance.actor import LOCAL_OPERATOR
from gateway.governance.merkle_log.tables import log_checkpoint, log_run, log_witness
from gateway.governance.metrics import PlaneMetrics
from gateway.governance.plane import ControlPlane
from tests.integration.governance.test_metrics import families, metrics_of, started

pytestmark = pytest.mark.integration
_ROUNDS = 20_000  # some six hours
Asked = list[tuple[str, Any]]


@pytest.fixture
def asked() -> Iterator[Asked]:
    """The queries that reach a database from now on, with their values."""
    seen: Asked = []

    def on_execute(_: Any, __: Any, statement: str, values: Any, *___: Any) -> None:
        if statement.lstrip().startswith(("SELECT", "WITH")):
            seen.append((statement, values))

    event.listen(Engine, "before_cursor_execute", on_execute)
    yield seen
    event.remove(Engine, "before_cursor_execute", on_execute)


async def one_round(plane: ControlPlane, metrics: PlaneMetrics, number: int) -> None:
    await plane.keys.create(NewKey(f"key-{number}"), LOCAL_OPERATOR)
    await plane.trail.log.advance()
    await plane.trail.witnesses.show()
    await metrics.look()


async def grow_older(plane: ControlPlane, witness: str) -> None:
    """Leave the rows of many earlier rounds, which change nothing of the tree."""
    before = range(-_ROUNDS, 0)
    runs = [{"first": n, "log": "gateway-1", "first_seq": n, "count": 0} for n in before]
    heads = [{"id": n, "size": 0, "time": 0, "note": "x" * 250} for n in before]
    shown = {"label": "file:heads", "time": 0, "note": "x" * 250}
    receipts = [{"witness": witness, "size": n, **shown} for n in before]
    async with plane.database.write() as connection:
        await connection.execute(insert(log_run), runs)
        await connection.execute(insert(log_checkpoint), heads)
        await connection.execute(insert(log_witness), receipts)


def bytes_read(database: Path, asked: Asked) -> int:
    """What a new connection reads of the files of the database to answer these queries."""
    with closing(sqlite3.connect(database)) as db:
        before = _read_by_this_thread()
        for statement, values in asked:
            db.execute(statement, values).fetchall()
        return _read_by_this_thread() - before


def _read_by_this_thread() -> int:
    counters = Path("/proc/thread-self/io").read_text(encoding="ascii")
    return int(counters.split()[1])  # rchar: through read calls, cached by the system or not


async def test_a_round_reads_as_much_after_a_long_history(tmp_path: Path, asked: Asked) -> None:
    witness = f"file:{tmp_path / 'heads'}"
    async with started(tmp_path, witness) as plane:
        metrics = metrics_of(plane)
        await one_round(plane, metrics, 0)
        await grow_older(plane, witness)
        await one_round(plane, metrics, 1)
        asked.clear()
        await one_round(plane, metrics, 2)
        queries = list(asked)
        old = bytes_read(tmp_path / "governance.db", queries)
        async with plane.database.write() as connection:
            await connection.execute(delete(log_run).where(log_run.c.first < 0))
            await connection.execute(delete(log_checkpoint).where(log_checkpoint.c.id < 0))
            await connection.execute(delete(log_witness).where(log_witness.c.size < 0))
        young = bytes_read(tmp_path / "governance.db", queries)
    assert len(queries) > 10
    assert young < old < young + 100_000


async def test_all_heads_are_counted_whoever_signed_them(tmp_path: Path) -> None:
    async with started(tmp_path) as plane:
        early, late = metrics_of(plane), metrics_of(plane)
        name = "sluis_control_audit_heads"
        assert (await families(plane, early))[name].value() == 0
        for number in range(3):
            await one_round(plane, early, number)
        assert (await families(plane, early))[name].value() == 3
        assert (await families(plane, late))[name].value() == 3
