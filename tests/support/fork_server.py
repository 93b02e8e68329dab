"""Processes of ``sluis`` for tests, forked from one that has loaded the product already.

They are real processes: with a memory, files and signals of their own. They
start without the imports, which are most of the CPU of a start. ``make campaign`` starts them as
users do.
"""

import atexit
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

_ROOT = Path(__file__).parents[2]
_SIGNED = struct.Struct("<i")
_MAX_REQUEST = 1 << 20
_server: "tuple[subprocess.Popen[bytes], socket.socket] | None" = None


class ForkedProcess:
    """A process that the server forked; its methods are those of ``subprocess.Popen``."""

    def __init__(self, pid: int, status: socket.socket) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._status = status

    def poll(self) -> int | None:
        """The exit status, or None while it runs."""
        with suppress(TimeoutError, BlockingIOError):
            self._receive(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Waits for its end.

        Raises:
            subprocess.TimeoutExpired: when it has not ended in time.
        """
        try:
            return self._receive(timeout)
        except TimeoutError:
            raise subprocess.TimeoutExpired("sluis", timeout or 0) from None

    def send_signal(self, number: int) -> None:
        """Sends a signal, unless it has ended."""
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def terminate(self) -> None:
        """SIGTERM."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL."""
        self.send_signal(signal.SIGKILL)

    def _receive(self, timeout: float | None) -> int:
        if self.returncode is None:
            self._status.settimeout(timeout)
            self.returncode = os.waitstatus_to_exitcode(_read_number(self._status))
            self._status.close()
        return self.returncode


def start(arguments: Sequence[str], env: dict[str, str], output: IO[Any]) -> ForkedProcess:
    """Starts ``sluis`` with arguments; what it writes goes to a file."""
    return _start(arguments, env, output, output)


def run(
    arguments: Sequence[str], env: dict[str, str], *, timeout: float
) -> subprocess.CompletedProcess[str]:
    """Runs ``sluis`` to its end.

    Raises:
        subprocess.TimeoutExpired: when it has not ended in time; it is killed.
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = _start(arguments, env, out, err)
        try:
            code = process.wait(timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
        said = []
        for file in (out, err):
            file.seek(0)
            said.append(file.read().decode())
    return subprocess.CompletedProcess(["sluis", *arguments], code, *said)


def _start(
    arguments: Sequence[str], env: dict[str, str], out: IO[Any], err: IO[Any]
) -> ForkedProcess:
    ours, theirs = socket.socketpair()
    request = json.dumps([list(arguments), env, str(Path.cwd())]).encode()
    with theirs:
        files = [out.fileno(), err.fileno(), theirs.fileno()]
        socket.send_fds(_connection(), [request], files)
    return ForkedProcess(_read_number(ours), ours)


def _connection() -> socket.socket:
    global _server  # noqa: PLW0603 - one server for each process of the tests
    if _server is None or _server[0].poll() is not None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _MAX_REQUEST)
        with theirs:
            process = subprocess.Popen(
                [sys.executable, "-m", __name__, str(theirs.fileno())],
                cwd=_ROOT,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
            )
        _server = process, ours
        atexit.register(ours.close)
    return _server[1]


def _read_number(from_: socket.socket) -> int:
    data = from_.recv(_SIGNED.size)
    if len(data) != _SIGNED.size:
        raise RuntimeError("the server that forks processes for tests has ended")
    return int(_SIGNED.unpack(data)[0])


def _serve(connection: socket.socket) -> None:
    """Forks a process for each request, until the tests end."""
    import gc

    import gateway.processes.kek_wrapping  # noqa: F401 - loaded for those that are forked
    from gateway.processes import cli  # noqa: F401

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    gc.collect()
    gc.freeze()
    while True:
        request, files, _, _ = socket.recv_fds(connection, _MAX_REQUEST, 3)
        if not request:
            return
        if os.fork() == 0:
            connection.close()
            _watch(json.loads(request), files)
        for file in files:
            os.close(file)


def _watch(request: Any, files: list[int]) -> None:
    """Forks the process itself, says its number, and later how it ended."""
    out, err, status = files
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    pid = os.fork()
    if pid == 0:
        os.close(status)
        os.dup2(out, 1)
        os.dup2(err, 2)
        _become(*request)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    with suppress(BrokenPipeError, ConnectionResetError):
        os.write(status, _SIGNED.pack(pid))
        os.write(status, _SIGNED.pack(os.waitpid(pid, 0)[1]))
    os._exit(0)


def _become(arguments: list[str], env: dict[str, str], folder: str) -> None:
    from gateway.__main__ import main

    os.environ.clear()
    os.environ.update(env)
    os.chdir(folder)
    sys.argv = ["sluis", *arguments]
    Path("/proc/self/comm").write_text(f"sluis {arguments[0]}"[:15], encoding="utf-8")
    code: Any = 1
    try:
        main()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
        if isinstance(end.code, str):
            sys.stderr.write(f"{end.code}\n")
    except BaseException:  # noqa: BLE001 - as the interpreter does
        sys.excepthook(*sys.exc_info())
    finally:
        with suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])))
