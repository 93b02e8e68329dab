"""A line to PostgreSQL that can be cut, hang, or lose the answer to a commit."""

import asyncio
import shutil
import tempfile
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

_SOCKET = ".s.PGSQL.5432"
_COMMIT = b"COMMIT"


class Link:
    """Forwards a Unix socket of its own to that of a server. Lives in one event loop."""

    def __init__(self, url: str) -> None:
        """``url`` is the server's, with its socket's directory as ``host``."""
        host = parse_qs(urlsplit(url).query)["host"][0]
        self._folder = Path(tempfile.mkdtemp(prefix="link"))  # a short path: sockets allow no more
        self._to = Path(host) / _SOCKET
        self.url = url.replace(host, str(self._folder))
        self._flows = asyncio.Event()
        self._flows.set()
        self._ends: list[asyncio.StreamWriter] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.hang_at: bytes | None = None
        self.lose_commit = False
        self._lost = False

    async def start(self) -> None:
        """Takes connections from now on."""
        self._server = await asyncio.start_unix_server(self._taken, self._folder / _SOCKET)

    async def cut(self) -> None:
        """All connections end, and new ones are refused."""
        if self._server is not None:
            self._server.close()
            (self._folder / _SOCKET).unlink(missing_ok=True)
            self._server = None
        ends, self._ends = self._ends, []
        for end in ends:
            end.close()
        tasks, self._tasks = self._tasks, set()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def hang(self) -> None:
        """Accepts everything and forwards nothing. ``hang_at`` does so at bytes of a client."""
        self._flows.clear()

    async def restore(self) -> None:
        """As if nothing had been; what hung goes through now."""
        self._lost, self.lose_commit, self.hang_at = False, False, None
        self._flows.set()
        if self._server is None:
            await self.start()

    async def stop(self) -> None:
        """Ends everything."""
        await self.cut()
        shutil.rmtree(self._folder)

    async def _taken(self, client: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        server, there = await asyncio.open_unix_connection(str(self._to))
        self._ends += [back, there]
        ways = (self._forward(client, there), self._forward(server, back, answers=True))
        self._tasks |= {asyncio.ensure_future(way) for way in ways}

    async def _forward(
        self, source: asyncio.StreamReader, to: asyncio.StreamWriter, *, answers: bool = False
    ) -> None:
        try:
            while data := await source.read(65536):
                if not answers and self.hang_at and self.hang_at in data:
                    self.hang()
                await self._flows.wait()
                if answers and self._lost:
                    continue
                if not answers and self.lose_commit and _COMMIT in data:
                    self._lost = True
                to.write(data)
                await to.drain()
        except ConnectionError:
            pass
        finally:
            to.close()
