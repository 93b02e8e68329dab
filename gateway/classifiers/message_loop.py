"""The side of a detector process: messages arrive on standard input, answers leave on output."""

import os
import sys
from collections.abc import Callable
from typing import BinaryIO

from gateway.classifiers.protocol import LENGTH
from gateway.core.system import logs

Answer = Callable[[bytes], bytes]


def serve(source: BinaryIO, sink: BinaryIO, hello: bytes, answer: Answer) -> None:
    """Send a first message, then answer messages until the other side closes."""
    _send(sink, hello)
    while head := source.read(LENGTH.size):
        (size,) = LENGTH.unpack(head)
        _send(sink, answer(source.read(size)))


def serve_standard_streams(name: str, ready: Callable[[], tuple[bytes, Answer]]) -> None:
    """Serve on the standard streams; ``ready`` loads what is needed and gives hello and answers.

    Standard output is kept for answers: all other output goes to standard error. ``name`` is that
    of the process in its log.
    """
    logs.configure(name)
    sink = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    serve(sys.stdin.buffer, sink, *ready())


def _send(sink: BinaryIO, data: bytes) -> None:
    sink.write(LENGTH.pack(len(data)) + data)
    sink.flush()
