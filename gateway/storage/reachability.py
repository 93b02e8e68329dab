"""Whether the database can be reached and written, asked on a connection of its own."""

import asyncio
from collections.abc import Callable

import asyncpg
from sqlalchemy import text

from gateway.core.errors import Unavailable
from gateway.core.system.postgres_errors import FAILURES
from gateway.core.system.steady import Steady
from gateway.storage.database import Database

_LIMIT_S = 1.5
_CONNECT_S = 1.0
_APPLICATION = {"application_name": "sluis-readiness"}


class Reachability:
    """Asks the database by ``look``; ``problem`` is what that has shown for some seconds."""

    def __init__(self, database: Database, *, clock: Callable[[], float]) -> None:
        """``clock`` is monotonic seconds."""
        self._database = database
        self._clock = clock
        self._answers = Steady(clock=clock)
        self._reason = ""
        self._connection: asyncpg.Connection | None = None

    @property
    def problem(self) -> str | None:
        """Why the database cannot be used, or None."""
        return None if self._answers.up else f"the database cannot be used ({self._reason})"

    async def look(self) -> None:
        """Ask the database; call it once a second."""
        began = self._clock()
        try:
            await (self._sqlite() if self._database.is_sqlite else self._postgres())
        except (Unavailable, *FAILURES) as error:
            self._reason = type(error.__cause__ or error).__name__
            self._answers.observe(works=False, since=began)
        else:
            self._answers.observe(works=True)

    async def close(self) -> None:
        """End the connection."""
        self._terminate()

    async def _sqlite(self) -> None:
        async with self._database.read() as connection:
            await connection.execute(text("SELECT 1"))

    async def _postgres(self) -> None:
        # Not a cancellation, which would wait for the server's answer.
        timer = asyncio.get_running_loop().call_later(_LIMIT_S, self._terminate)
        try:
            if await self._is_read_only():
                raise asyncpg.ReadOnlySQLTransactionError
        except FAILURES:
            self._terminate()  # the next one is asked anew, also about its settings
            raise
        finally:
            timer.cancel()

    async def _is_read_only(self) -> bool:
        if self._connection is None or self._connection.is_closed():
            self._connection = await asyncpg.connect(
                self._database.url, timeout=_CONNECT_S, server_settings=_APPLICATION
            )
        return bool(await self._connection.fetchval("SHOW transaction_read_only") == "on")

    def _terminate(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.terminate()
