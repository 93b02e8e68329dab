"""Memory of real processes under input of callers without a credential."""

import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from tests.support.effort import examples
from tests.support.installation import Installation

pytestmark = pytest.mark.e2e
MIB = 1 << 20
SENT = examples(25) * MIB  # of each kind
PIECE = 65_536
HEAD = b"POST /v1/chat/completions HTTP/1.1\r\nhost: g\r\n"
APPLY = b"POST /admin/v1/apply HTTP/1.1\r\nhost: g\r\ncontent-type: application/json\r\n"
CHUNKED = b"transfer-encoding: chunked\r\n\r\n"


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory, config: str) -> Iterator[Installation]:
    """An installation of this file alone: nothing else moves its memory."""
    sluis = Installation(tmp_path_factory.mktemp("memory"))
    sluis.apply(config)
    sluis.start("control", "gateway")
    yield sluis
    sluis.stop()


def resident(process: int) -> int:
    pages = int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def flood(port: int, start: bytes, again: bytes, size: int = SENT) -> None:
    """Sends ``start``, then ``again`` and again, until all is sent or the connection is cut."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as raw, suppress(OSError):
        reader = threading.Thread(target=_drain, args=(raw,), daemon=True)
        reader.start()
        raw.sendall(start)
        piece = again * max(1, PIECE // len(again))
        for _ in range(size // len(piece)):
            raw.sendall(piece)
        raw.shutdown(socket.SHUT_RDWR)


def _drain(raw: socket.socket) -> None:
    with suppress(OSError):
        while raw.recv(PIECE):
            pass


DATA: dict[str, tuple[bytes, bytes]] = {
    "one header": (HEAD + b"x: ", b"a"),
    "headers": (HEAD, b"a:\r\n"),
    "target": (b"GET /", b"a"),
    "one trailer": (HEAD + CHUNKED + b"0\r\nx: ", b"a"),
    "trailers": (HEAD + CHUNKED + b"0\r\n", b"a:\r\n"),
    "body": (HEAD + b"content-length: 9999999999\r\n\r\n", b"a"),
    "chunks": (HEAD + CHUNKED, b"1\r\na\r\n"),
    "chunk extension": (HEAD + CHUNKED + b"1;a=", b"a"),
    "blank lines": (b"", b"\r\n"),
    "no http": (b"", b"\xff"),
}
CONTROL = {
    "body": (APPLY + b"content-length: 9999999999\r\n\r\n", b"a"),
    "chunked body": (APPLY + CHUNKED, b"10\r\naaaaaaaaaaaaaaaa\r\n"),
    "trailers": (APPLY + CHUNKED + b"0\r\n", b"a:\r\n"),
    "complaint": (
        b"POST /complaints HTTP/1.1\r\nhost: g\r\ncontent-length: 9999999999\r\n\r\n",
        b"a",
    ),
}


def growth(process: int, attack: Callable[[], None]) -> int:
    attack()  # once: buffers, caches and code that loads late
    before = resident(process)
    attack()
    return resident(process) - before


@pytest.mark.parametrize("kind", DATA)
def test_a_gateway_does_not_grow_with_what_it_is_sent(own: Installation, kind: str) -> None:
    start, again = DATA[kind]
    process = own.process("gateway").pid
    before = resident(process)
    assert growth(process, lambda: flood(own.data_port, start, again)) < 5 * MIB
    assert resident(process) - before < 64 * MIB


@pytest.mark.parametrize("kind", CONTROL)
def test_a_control_plane_does_not_grow_with_what_it_is_sent(own: Installation, kind: str) -> None:
    start, again = CONTROL[kind]
    process = own.process("control").pid
    assert growth(process, lambda: flood(own.control_port, start, again)) < 5 * MIB


def test_requests_sent_ahead_wait_outside(own: Installation) -> None:
    ahead = b"GET /healthz HTTP/1.1\r\nhost:\r\n\r\n"
    process = own.process("gateway").pid
    assert growth(process, lambda: flood(own.data_port, b"", ahead, size=MIB)) < 16 * MIB


def test_many_connections_that_send_half_a_head_cost_little(own: Installation) -> None:
    process = own.process("gateway").pid
    before = resident(process)
    with ExitStack() as stack:
        for _ in range(600):
            raw = socket.create_connection(("127.0.0.1", own.data_port), timeout=10)
            stack.enter_context(raw)
            with suppress(OSError):
                raw.sendall(HEAD + b"x: " + b"a" * 60_000)
        assert own.ask("Hello").status_code == 200
        assert resident(process) - before < 64 * MIB
    assert own.ask("Hello").status_code == 200
