"""The base of the stand-ins for key services: a server on loopback, with or without TLS."""

import json
import ssl
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

STAND_IN = "a stand-in of the tests"
Answer = tuple[int, Any]


class KeyServiceStandIn:
    """Listens while it is entered; ``answered`` gives status and JSON for every POST.

    ``asked`` are the paths of all requests; a ``tls`` context makes it https. ``behave`` makes it
    misbehave: ``redirect``, ``html``, ``flood``, a status with an echo of the request, or
    ``silent`` until it is left.
    """

    def __init__(self, *, port: int = 0, tls: ssl.SSLContext | None = None) -> None:
        self.asked: list[str] = []
        self.behave = ""
        self._left = threading.Event()
        stand_in = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                stand_in.asked.append(self.path)
                headers = {name.lower(): value for name, value in self.headers.items()}
                if stand_in.behave:
                    stand_in._misbehave(self, headers, body)
                    return
                status, document = stand_in.answered(self.path, headers, body)
                self.say(status, json.dumps(document).encode())

            def say(self, status: int, text: bytes, **headers: str) -> None:
                self.send_response(status, STAND_IN)
                for name, value in {"content-length": str(len(text)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_: object) -> None:
                """Says nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._scheme = "https" if tls else "http"
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self._faults: list[BaseException] = []
        self._server.handle_error = self._noted  # type: ignore[method-assign, assignment]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._left.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        for fault in self._faults:
            raise fault

    @property
    def url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self._server.server_address[1]}"

    def answered(self, path: str, headers: dict[str, str], body: bytes) -> Answer:
        raise NotImplementedError

    def _noted(self, *_: object) -> None:
        """Fails the test for an error of the stand-in, but not for a client that disconnected."""
        fault = sys.exc_info()[1]
        if fault is not None and not isinstance(fault, OSError):
            self._faults.append(fault)

    def _misbehave(self, handler: Any, headers: dict[str, str], body: bytes) -> None:
        if self.behave == "redirect":
            handler.say(307, b"", location=f"{self.url}/elsewhere")
        elif self.behave == "html":
            handler.say(200, b"<html>Sign in to the network</html>")
        elif self.behave == "flood":
            handler.say(200, b"x" * 1_000_000)
        elif self.behave.isdigit():
            sent = [*headers.values(), *json.loads(body).values()]
            said = {"errors": sent, "__type": str(sent), "message": str(sent)}
            handler.say(int(self.behave), json.dumps(said).encode())
        else:
            self._left.wait()
