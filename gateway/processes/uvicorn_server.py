"""uvicorn, configured as every process of Sluis uses it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

import uvicorn

from gateway.api.http_protocol import HttpProtocol
from gateway.processes.settings import Certificate


def server(
    app: Any,
    host: str,
    port: int,
    *,
    lifespan: Literal["on", "off"] = "off",
    certificate: Certificate | None = None,
) -> uvicorn.Server:
    """Build a server that drains for 20 seconds when stopped; over TLS with a certificate."""
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
        timeout_graceful_shutdown=20,
        ssl_certfile=certificate.chain if certificate else None,
        ssl_keyfile=certificate.key if certificate else None,
    )
    return _Server(config)


class _Server(uvicorn.Server):
    """A server whose ``serve`` returns after a signal.

    uvicorn raises the signal again, which would end the process before pending entries are written.
    """

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture the signals while the server runs."""
        with super().capture_signals():
            yield
            self._captured_signals.clear()
