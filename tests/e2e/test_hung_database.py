"""A PostgreSQL that hangs or is gone: a refusal in two seconds, answers in five, nothing lost."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import asyncpg
import pytest

from tests.support.installation import Installation
from tests.support.outages import Outages, on_postgres, outages, upstream

__all__ = ["on_postgres", "outages", "upstream"]
pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.nightly]
REFUSED_S, BACK_S = 2.0, 5.0
_CLOSED = "SELECT request FROM audit_entry WHERE event = 'request:answer:close'"


def timed(sluis: Installation, **headers: str) -> tuple[int, float, str]:
    """The status of a request, how long it took in seconds, and its audit id if on record."""
    began = time.monotonic()
    answer = sluis.ask("Hello", **headers)
    return answer.status_code, time.monotonic() - began, answer.headers.get("x-sluis-audit-id", "")


async def closed(sluis: Installation) -> set[str]:
    connection = await asyncpg.connect(sluis.database_url)
    rows = await connection.fetch(_CLOSED)
    await connection.close()
    return {row["request"] for row in rows}


@pytest.mark.parametrize("headers", [{}, {"x_sluis_conversation": "c-1"}], ids=["plain", "named"])
@pytest.mark.parametrize("fault", ["frozen", "stopped"])
def test_a_database_that_is_away_is_a_quick_refusal_and_a_quick_return(
    on_postgres: Installation,
    outages: Outages,
    headers: dict[str, str],
    fault: str,
    tmp_path: Path,
) -> None:
    on_postgres.until(lambda: timed(on_postgres, **headers)[0] == 200, "it serves", limit=20)
    answers = [timed(on_postgres, **headers) for _ in range(5)]
    with getattr(outages, fault)(), ThreadPoolExecutor(8) as clients:
        for _ in range(4):
            hung = [clients.submit(timed, on_postgres, **headers) for _ in range(8)]
            found = [one.result() for one in hung]
            assert {status for status, _, _ in found} == {503}
            assert max(took for _, took, _ in found) < REFUSED_S
            answers += found
    back = time.monotonic()
    on_postgres.until(lambda: timed(on_postgres, **headers)[0] == 200, "it serves", limit=BACK_S)
    assert time.monotonic() - back < BACK_S
    answers.append(timed(on_postgres, **headers))
    acknowledged = {audit_id for status, _, audit_id in answers if status == 200}
    assert len(acknowledged) == 6
    assert acknowledged <= asyncio.run(closed(on_postgres))
    package = tmp_path / "trail.zip"
    period = ("--from", "2020-01-01", "--to", "2100-01-01")
    on_postgres.sluis("audit", "export", *period, "--output", str(package))
    assert on_postgres.sluis("audit", "verify", str(package)).returncode == 0
