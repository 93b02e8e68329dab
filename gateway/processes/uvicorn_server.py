"""uvicorn, configured as every process of Sluis uses it."""

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any, Literal

import uvicorn

from gateway.api.http_protocol import HttpProtocol, SharedState
from gateway.processes.settings import Certificate


def server(
    app: Any,
    host: str,
    port: int,
    *,
    drain_s: int,
    lifespan: Literal["on", "off"] = "off",
    certificate: Certificate | None = None,
    leave_s: float = 0,
    on_leave: Callable[[], None] = lambda: None,
    on_stop: Callable[[], None] = lambda: None,
) -> uvicorn.Server:
    """Build a server; over TLS with a certificate.

    When a signal stops it, ``on_leave`` is called. For ``leave_s`` seconds it serves as before, but
    closes each connection after its answer. Then ``on_stop`` is called, no connection is accepted
    any more, and requests under way have ``drain_s`` seconds to end. A second signal ends the
    first of both times.
    """
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        http=HttpProtocol,
        ws="none",
        proxy_headers=False,
        lifespan=lifespan,
        access_log=False,
        log_config=None,  # its lines go where those of Sluis go
        log_level="warning",
        server_header=False,
        date_header=False,
        timeout_keep_alive=75,  # longer than load balancers keep one, so that they close it
        timeout_graceful_shutdown=drain_s,
        ssl_certfile=certificate.chain if certificate else None,
        ssl_keyfile=certificate.key if certificate else None,
    )
    return _Server(config, leave_s, on_leave, on_stop)


class _Server(uvicorn.Server):
    """A server whose ``serve`` returns after a signal.

    uvicorn raises the signal again, which would end the process before pending entries are written.
    """

    server_state: SharedState

    def __init__(
        self,
        config: uvicorn.Config,
        leave_s: float,
        on_leave: Callable[[], None],
        on_stop: Callable[[], None],
    ) -> None:
        super().__init__(config)
        self.server_state = SharedState()
        self._leave_s = leave_s
        self._on_leave = on_leave
        self._on_stop = on_stop
        self._hurry = asyncio.Event()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Handle a signal that stops the server."""
        if self.should_exit:
            asyncio.get_running_loop().call_soon_threadsafe(self._hurry.set)
        self._on_leave()
        self.server_state.leaving = True
        super().handle_exit(sig, frame)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let clients leave, then stop."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._hurry.wait(), self._leave_s)
        self._on_stop()
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture the signals while the server runs."""
        with super().capture_signals():
            yield
            self._captured_signals.clear()
