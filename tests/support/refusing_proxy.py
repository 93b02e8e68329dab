"""A proxy that refuses every connection and keeps the names of the hosts, in a thread."""

import socketserver
from threading import Thread
from typing import Self
from urllib.parse import urlsplit


class RefusingProxy:
    """On a free loopback port while its context is open; ``hosts`` are those asked for."""

    def __init__(self) -> None:
        self.hosts: set[str] = set()
        proxy = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                words = self.rfile.readline(4096).decode("latin-1").split()
                if len(words) > 1:
                    target = words[1] if "://" in words[1] else f"//{words[1]}"
                    proxy.hosts.add(urlsplit(target).hostname or "")
                self.wfile.write(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n")

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=10)
