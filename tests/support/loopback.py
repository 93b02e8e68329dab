"""Servers of the tests: each in a thread, on a free loopback port."""

import threading
from typing import Any, Self

import uvicorn
from starlette.types import ASGIApp

from tests.support.ports import free_port


class LoopbackServer:
    """Serves an app while its context is open."""

    port: int

    def serve(self, app: ASGIApp, **options: Any) -> None:
        """Choose the app, and a free port; ``options`` are those of uvicorn."""
        self.port = free_port()
        chosen = {
            "log_level": "warning",
            "lifespan": "off",
            "ws": "none",
            "timeout_keep_alive": 75,  # the client is the one to close
            **options,
        }
        self._server = uvicorn.Server(uvicorn.Config(app, port=self.port, **chosen))
        self._thread = threading.Thread(target=self._server.run, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        while not self._server.started:
            threading.Event().wait(0.01)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(timeout=10)
