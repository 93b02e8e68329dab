"""uvicorn, configured as every process of Sluis uses it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Literal

import uvicorn

from gateway.api.http_protocol import HttpProtocol
from gateway.processes.settings import Certificate


def server(
    app: Any,
    host: str,
    port: int,
    *,
    drain_s: int,
    lifespan: Literal["on", "off"] = "off",
    certificate: Certificate | None = None,
    on_stop: Callable[[], None] = lambda: None,
) -> uvicorn.Server:
    """Build a server; over TLS with a certificate.

    When a signal stops it, ``on_stop`` is called, no connection is accepted any more, and requests
    under way have ``drain_s`` seconds to end.
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
    return _Server(config, on_stop)


class _Server(uvicorn.Server):
    """A server whose ``serve`` returns after a signal.

    uvicorn raises the signal again, which would end the process before pending entries are written.
    """

    def __init__(self, config: uvicorn.Config, on_stop: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_stop = on_stop

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Handle a signal that stops the server."""
        self._on_stop()
        super().handle_exit(sig, frame)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture the signals while the server runs."""
        with super().capture_signals():
            yield
            self._captured_signals.clear()
