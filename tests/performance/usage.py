"""How long figures of usage take to read: ``python -m tests.performance.usage [requests]``.

Sums of so many answers in 30 days, of 100 series, are put straight into the tables of a new SQLite
file. Each line has a question, the seconds of the fastest of three answers, and their size.
"""

import asyncio
import random
import sys
import tempfile
import time
from pathlib import Path

from gateway.governance.usage import store
from gateway.governance.usage.cells import Cells, Sample, SeriesKey
from gateway.governance.usage.definition import HOUR_MS, bucket_of
from gateway.governance.usage.figures import read_usage
from gateway.governance.usage.reader import Batch
from gateway.storage.database import Database

_HOURS, _SERIES, _TIMES = 720, 100, 3
_DAY = 24


def _series(number: int) -> SeriesKey:
    return SeriesKey(
        team=f"team-{number % 12}",
        key=f"k_app-{number % 40}",
        model=f"model-{number % 8}",
        provider=f"provider-{number % 3}",
        zone="eu",
        use_case=f"case-{number % 6}",
        level="internal",
        result="ok",
        currency="EUR",
    )


def _hour(at: int, count: int, chance: random.Random) -> Cells:
    """The sums of one hour."""
    cells = Cells()
    for number in range(count):
        latency = bucket_of(int(chance.lognormvariate(6.8, 0.6)))
        overhead = bucket_of(int(chance.lognormvariate(3.5, 0.5)))
        sums = (1, 1, 0, 0, 400, 200, 900)
        histograms = (("latency", latency), ("overhead", overhead))
        cells.add(Sample(at, _series(number % _SERIES), sums, histograms))
    return cells


async def fill_usage(database: Database, requests: int, first_hour: int = 0) -> None:
    """Put in the sums of 30 days from an hour on, which is counted from the epoch."""
    chance = random.Random(4)
    for hour in range(_HOURS):
        cells = _hour((first_hour + hour) * HOUR_MS, requests // _HOURS, chance)
        async with database.write() as connection:
            await store.add(connection, Batch("gateway/1", hour, 1, cells))


async def _measure(requests: int, folder: Path) -> None:
    database = Database(f"sqlite:///{folder / 'governance.db'}")
    await database.migrate()
    await fill_usage(database, requests)
    size = (folder / "governance.db").stat().st_size / 2**20
    print(f"{requests} requests, {size:.0f} MiB")
    for name, hours, step, group in (
        ("a day by hour and model", _DAY, 1, "model"),
        ("a week by day and model", 7 * _DAY, _DAY, "model"),
        ("30 days by day and key", _HOURS, _DAY, "key"),
    ):
        parts = [(at * HOUR_MS, (at + step) * HOUR_MS) for at in range(0, hours, step)]
        taken = []
        for _ in range(_TIMES):
            began = time.perf_counter()
            async with database.read() as connection:
                found = await read_usage(connection, parts, group=group)
            taken.append(round((time.perf_counter() - began) * 1000))
        print(f"{name}: {min(taken)} ms, {len(found.series)} rows")
    await database.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
        asyncio.run(_measure(wanted, Path(made)))
