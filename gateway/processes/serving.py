"""uvicorn, as every process of Sluis uses it."""

from typing import Any, Literal

import uvicorn


def server(
    app: Any, host: str, port: int, *, lifespan: Literal["on", "off"] = "off"
) -> uvicorn.Server:
    """A server that drains for 20 seconds when it is told to stop."""
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        http="httptools",
        ws="none",
        proxy_headers=False,
        lifespan=lifespan,
        access_log=False,
        log_level="warning",
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=20,
    )
    return uvicorn.Server(config)
