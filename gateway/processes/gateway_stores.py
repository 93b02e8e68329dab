"""The stores of a gateway: in its data directory, or in PostgreSQL that replicas share."""

import socket
import time
from collections.abc import Callable
from pathlib import Path

from gateway.core.system.secrets import GatewaySecrets
from gateway.evidence import Spool, Trail, ValueReader
from gateway.evidence.ledger_store import LedgerStore
from gateway.evidence.postgres_store import PostgresStore
from gateway.evidence.queries import LedgerQueries, PostgresQueries, Queries
from gateway.evidence.value_reader import LedgerValues, PostgresValues
from gateway.processes.settings import Settings


def open_trail(settings: Settings, secrets: GatewaySecrets) -> tuple[Trail, Spool | None]:
    """The trail of this process; with a spool where the database is another machine's."""
    name = f"{socket.gethostname()}:{settings.data_port}"
    if settings.database_url is None:
        trail = Trail(LedgerStore(_tables(settings)), kek=secrets.kek, origin="gateway")
        trail.gateway = name
        return trail, None
    store = PostgresStore(settings.database_url)
    spool = Spool(settings.data_dir / "spool", store, clock=time.monotonic, wall=time.time)
    trail = Trail(store, kek=secrets.kek, origin="gateway", spool=spool)
    trail.gateway = name
    return trail, spool


def stored_values(
    settings: Settings, secrets: GatewaySecrets, *, on_hang: Callable[[], None]
) -> ValueReader:
    """The reader of values that conversations have stored."""
    if settings.database_url:
        return PostgresValues(settings.database_url, kek=secrets.kek, on_hang=on_hang)
    return LedgerValues(_tables(settings), kek=secrets.kek)


def answer_queries(settings: Settings, *, on_hang: Callable[[], None]) -> Queries:
    """What reads and claims stored answers."""
    if settings.database_url:
        return PostgresQueries(settings.database_url, name="sluis-answers", on_hang=on_hang)
    return LedgerQueries(_tables(settings), thread="answers")


def _tables(settings: Settings) -> Path:
    return settings.data_dir / "audit-gateway.db"
