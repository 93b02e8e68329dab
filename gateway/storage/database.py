"""The control plane's database: SQLite or PostgreSQL behind one URL."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any

import asyncpg
from sqlalchemy import event, inspect, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    IntegrityError,
    NotSupportedError,
    ProgrammingError,
    SQLAlchemyError,
)
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import QueuePool

from gateway.core.errors import InvalidRequest, Unavailable
from gateway.core.system.postgres_errors import FAILURES
from gateway.storage import resources, schema_version
from gateway.storage.schema_version import FoundSchema

if TYPE_CHECKING:  # takes a fifth of a second; only an old schema needs it
    from alembic.config import Config

_BUSY_MS = 10_000
_TURN_S = 30.0  # for other writers of this process
_POOL_SIZE, _MAX_OVERFLOW = 5, 5
_RETRY_AFTER_S = 5
_CACHE_KIB = 1024  # of each SQLite connection; the system caches the file once for all
# Faults of this program; the database may be up.
_PROGRAM_FAULTS = (DataError, IntegrityError, NotSupportedError, ProgrammingError)
# Values that neither database can store.
_NOT_STORABLE = (OverflowError, UnicodeEncodeError)
_NO_CONNECTION = (SQLAlchemyError, *FAILURES)


def engine_of(url: str) -> AsyncEngine:
    """The engine of a URL.

    asyncpg reads the URL itself, with all that libpq knows (``sslmode``, ``sslrootcert``): the
    trail, which uses no SQLAlchemy, connects in the same way.
    """
    scheme, _, rest = url.partition("://")
    if scheme == "sqlite":
        # Each connection has a thread and a cache of pages: those that are not needed stay empty.
        return create_async_engine(
            f"sqlite+aiosqlite://{rest}",
            pool_use_lifo=True,
            connect_args={"factory": _SqliteConnection},
        )
    if scheme.partition("+")[0] != "postgresql":
        return create_async_engine(url)
    connect = partial(asyncpg.connect, f"postgresql://{rest}")
    return create_async_engine(
        "postgresql+asyncpg://",
        async_creator=connect,
        pool_size=_POOL_SIZE,
        max_overflow=_MAX_OVERFLOW,
    )


class _SqliteConnection(sqlite3.Connection):
    """A connection that ends its transaction when it is closed.

    Otherwise SQLite keeps its locks until all its statements are finalised (sqlite3_close_v2). The
    statement of a cancelled task lives until garbage collection.
    """

    def close(self) -> None:
        with suppress(sqlite3.Error):  # a second close, or a rollback that fails
            self.rollback()
        super().close()


class Database:
    """Transactions. A writing one is serialised with all others from its start.

    All methods raise Unavailable when the database cannot be used, and InvalidRequest for a value
    that it cannot hold.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        self._engine = engine_of(url)
        if self.is_sqlite:
            _prepare_sqlite(self._engine)
        # SQLite lets whoever asks at the right moment write next; a queue lets each have its turn.
        self._turn = asyncio.Lock()

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that commits at the end, or not at all."""
        async with self._in_turn(), self._connected() as connection:
            if self.is_sqlite:
                await connection.exec_driver_sql("BEGIN IMMEDIATE")
            else:
                await connection.execute(text("SELECT pg_advisory_xact_lock(7358)"))
            try:
                yield connection
            except BaseException:
                await connection.rollback()
                raise
            await connection.commit()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that is rolled back: for reading."""
        async with self._connected() as connection:
            yield connection
            await connection.rollback()

    async def truncate_log(self) -> None:
        """Move SQLite's write-ahead log into the file, so that it holds no older page."""
        async with self._connected() as connection:
            await connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    async def migrate(self) -> None:
        """Bring the schema to this version.

        Raises:
            SchemaMismatch: when it is newer.
        """
        async with self._connected() as connection:
            await connection.run_sync(_upgrade)
            await connection.commit()

    async def require_usable(self) -> None:
        """Check that this program can use the schema, without changing it.

        Raises:
            SchemaMismatch: when it cannot.
        """
        async with self._connected() as connection:
            schema_version.require_usable(await connection.run_sync(_found))
            await connection.rollback()

    async def clock_skew_s(self, wall: Callable[[], float]) -> float:
        """By how many seconds a clock is ahead of the database's; 0 for a file.

        ``wall`` is epoch seconds.
        """
        if self.is_sqlite:
            return 0.0
        async with self.read() as connection:
            before = wall()
            now = await connection.scalar(text("SELECT extract(epoch FROM clock_timestamp())"))
            return (before + wall()) / 2 - float(now or 0)

    def connections(self) -> tuple[int, int, int] | None:
        """The connections in use, those that are idle, and the most; None for a file."""
        pool = self._engine.pool
        if self.is_sqlite or not isinstance(pool, QueuePool):
            return None
        return pool.checkedout(), pool.checkedin(), _POOL_SIZE + _MAX_OVERFLOW

    async def close(self) -> None:
        """Close all connections."""
        await self._engine.dispose()

    @asynccontextmanager
    async def _in_turn(self) -> AsyncIterator[None]:
        """The turn to write to SQLite in this process; PostgreSQL has a queue of its own."""
        if not self.is_sqlite:
            yield
            return
        try:
            async with asyncio.timeout(_TURN_S):
                await self._turn.acquire()
        except TimeoutError as error:
            raise _unavailable() from error
        try:
            yield
        finally:
            self._turn.release()

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[AsyncConnection]:
        try:
            connection = await self._engine.connect()
        except _NO_CONNECTION as error:
            raise _unavailable() from error
        try:
            yield connection
        except _NOT_STORABLE as error:
            raise _not_storable() from error
        except (DBAPIError, asyncpg.InternalClientError) as error:
            if isinstance(error, DBAPIError) and isinstance(_cause(error), asyncpg.DataError):
                raise _not_storable() from error
            if isinstance(error, _PROGRAM_FAULTS):
                raise
            raise _unavailable() from error
        finally:
            await connection.close()


def _cause(error: DBAPIError) -> BaseException | None:
    """The error of the driver: SQLAlchemy wraps it twice."""
    return error.orig.__cause__ if error.orig is not None else None


def _not_storable() -> InvalidRequest:
    return InvalidRequest(
        "A value cannot be looked for or stored: text with a NUL or half a character in it, or a "
        "number that is too large."
    )


def _unavailable() -> Unavailable:
    return Unavailable(
        "The database cannot be used. Check that it runs, that its disk has room and that it may "
        "be "
        "written; then try again.",
        retry_after=_RETRY_AFTER_S,
    )


def alembic_config(connection: Connection | None = None) -> "Config":
    """The configuration of Alembic, without a file."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(resources.directory("migrations")))
    config.attributes["connection"] = connection
    return config


def _upgrade(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_lock(7359)"))
    try:
        found = _found(connection)
        schema_version.refuse_newer(found)
        newest = schema_version.known_versions()[-1]
        if list(found.versions) != [newest] and not schema_version.is_usable_newer(found):
            from alembic import command

            command.upgrade(alembic_config(connection), "head")
            _write_window(connection, newest)
    finally:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_unlock(7359)"))


def _found(connection: Connection) -> FoundSchema:
    tables = set(inspect(connection).get_table_names())
    if "alembic_version" not in tables:
        return FoundSchema([])
    query = text("SELECT version_num FROM alembic_version")
    versions = list(connection.execute(query).scalars())
    if "schema_window" not in tables:
        return FoundSchema(versions)
    query = text("SELECT version, program FROM schema_window")
    rows = connection.execute(query).all()
    return FoundSchema(versions, [row.program for row in rows if row.version in versions])


def _write_window(connection: Connection, version: str) -> None:
    """State which programs run with the schema."""
    connection.execute(text("DELETE FROM schema_window"))
    rows = [{"version": version, "program": one} for one in schema_version.supported_programs()]
    connection.execute(text("INSERT INTO schema_window VALUES (:version, :program)"), rows)


def _prepare_sqlite(engine: AsyncEngine) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def on_connect(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # this class begins transactions, as IMMEDIATE
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute(f"PRAGMA busy_timeout={_BUSY_MS}")
        cursor.execute(f"PRAGMA cache_size=-{_CACHE_KIB}")
        cursor.execute("PRAGMA secure_delete=ON")  # deleted keys must not stay in the file
        cursor.close()
