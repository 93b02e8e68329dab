"""Many entries of made-up requests, put straight into the tables that are searched."""

import random
from collections.abc import Iterator
from typing import Any

import asyncpg
import orjson
from sqlalchemy import text

from gateway.evidence.entry import SealedEntry
from gateway.evidence.month_partition import months_from
from gateway.evidence.rows import DETAIL_COLUMNS, ENTRY_COLUMNS, EntryBatch
from gateway.evidence.stored_leaf import leaf_of
from gateway.storage.database import Database

START = 1_700_000_000_000  # epoch milliseconds of the first
_YEAR_MS = 365 * 86_400_000
_ZONES = ("eu", "internal", "global")
_LEVELS = ("internal", "confidential", "restricted", "public")
_AT_ONCE = 20_000


def leaf(log: str, sealed: SealedEntry) -> bytes:
    """The canonical bytes of an entry's leaf, read back from its row."""
    (row,) = EntryBatch(log, [sealed], []).entries()
    return leaf_of(dict(zip(ENTRY_COLUMNS, row, strict=True)))


def step_of(count: int) -> int:
    """Milliseconds between two of so many: together they are of one year."""
    return _YEAR_MS // count


def details(count: int, start: int = START) -> Iterator[tuple[Any, ...]]:
    """Rows of ``audit_detail`` in the order of their columns: two entries a request."""
    chance, step_ms = random.Random(4), step_of(count)
    for number in range(0, count, 2):
        request = f"{number:032x}"
        principal = f"k_{int(chance.paretovariate(0.6)) % 5000}"
        zone, level = (
            chance.choices(_ZONES, (60, 39, 1))[0],
            chance.choices(_LEVELS, (60, 30, 9, 1))[0],
        )
        model = "rare" if number % 50_000 == 0 else f"model-{chance.randrange(12)}"
        rule = "rare.rule" if number % 30_000 == 0 else "clearance.redacted"
        facts = {
            "principal": principal,
            "team": f"team-{number % 40}",
            "model": model,
            "zone": zone,
            "level": level,
            "purpose": "Zeldzaam" if number % 40_000 == 0 else "service",
            "policies": [rule],
            "findings": {"PERSON": 2, "BSN": 1},
            "body_sha256": "a" * 64,
            "asserted_user": f"a_{number % 997:024x}",
            "provider": "eu",
            "detectors": "d" * 40,
        }
        outcome = "unknown_crash" if number % 20_000 == 0 else "ok"
        for step, (event, result, values) in enumerate((
            ("request:departure:intent", None, facts),
            ("request:answer:close", outcome, {"outcome": outcome, "output_tokens": 12}),
        )):
            yield (
                "gateway/5f0c1d3e-8a48-4a9c-9a53-0f3a8a2f6c11",
                number + step,
                request,
                start + (number + step) * step_ms,
                event,
                principal,
                facts["team"],
                model,
                "gpt-eu",
                zone,
                level,
                result,
                5,
                orjson.dumps(["0" * 32, values]),
                None,
                None,
                None,
            )


async def fill(database: Database, count: int, start: int = START) -> None:
    """Puts them in, and lets the planner know."""
    if not database.is_sqlite:
        connection = await asyncpg.connect(database.url)
        for month in months_from(start, count=13):
            await connection.execute(month.creation)
        await connection.copy_records_to_table(
            "audit_detail", records=details(count, start), columns=DETAIL_COLUMNS
        )
        await connection.execute("ANALYZE audit_detail")
        await connection.close()
        return
    columns = ", ".join(DETAIL_COLUMNS)
    values = ", ".join(f":{column}" for column in DETAIL_COLUMNS)
    statement = text(f"INSERT INTO audit_detail ({columns}) VALUES ({values})")
    rows: list[dict[str, Any]] = []
    async with database.write() as connection:
        for row in details(count, start):
            rows.append(dict(zip(DETAIL_COLUMNS, row, strict=True)))
            if len(rows) == _AT_ONCE:
                await connection.execute(statement, rows)
                rows = []
        if rows:
            await connection.execute(statement, rows)
