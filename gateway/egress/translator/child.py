"""What runs in the translator's child process; only modules of this process import litellm.

Its argument is the path of the Unix socket to listen on. Every message is a JSON object with an
``op``: ``request`` (an OpenAI chat body becomes an Anthropic one), ``answer`` (a whole Anthropic
message becomes a chat completion), ``event`` (one event of a stream becomes chunks; the stream's
state belongs to the connection), and ``converse`` (a chat body becomes one of Amazon Bedrock).

litellm imports a compiled module for calls that it makes itself. This process makes none and goes
without it: 37 MB.
"""

import asyncio
import logging
import os
import sys
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any


class _Compiled(ModuleType):
    """A module whose names are exceptions that are never raised."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (Exception,), {})


sys.modules["litellm.rust_bridge._native"] = _Compiled("litellm.rust_bridge._native")

import litellm  # noqa: E402
import orjson  # noqa: E402

from gateway.dialects.base import Body  # noqa: E402
from gateway.egress.translator import anthropic, converse  # noqa: E402
from gateway.egress.translator.client import READY, framed, receive  # noqa: E402
from gateway.egress.translator.inexpressible import InexpressibleError  # noqa: E402

_LITELLM: Any = litellm
_NETWORK = ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto")


class _Connection:
    """What one connection asks. A stream uses one of its own."""

    def __init__(self) -> None:
        self._stream: anthropic.Stream | None = None

    def answer(self, question: Body) -> Body:
        """The answer to one message; an error is reported without any content."""
        try:
            match question["op"]:
                case "request":
                    return anthropic.request(question["body"], question["model"])
                case "converse":
                    return {"body": converse.request(question["body"], question["model"])}
                case "answer":
                    return {"answer": anthropic.answer(question["answer"], question["reading"])}
                case _:
                    self._stream = self._stream or anthropic.Stream(question["reading"])
                    return {"chunks": self._stream.event(question["event"])}
        except InexpressibleError as error:
            return {"refused": str(error), "param": error.param}
        except Exception:  # noqa: BLE001 - the edge of the process: litellm may raise anything
            return {"failed": True}


def _no_network(event: str, _: tuple[Any, ...]) -> None:
    if event in _NETWORK:
        raise PermissionError("the translator has no network")


def _quiet() -> None:
    """What litellm would print or log from here on could hold content."""
    logging.disable(logging.CRITICAL)
    _LITELLM.suppress_debug_info = True
    _LITELLM.telemetry = False
    null = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(null, stream.fileno())


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    connection = _Connection()
    with suppress(asyncio.IncompleteReadError, OSError):
        while True:
            answer = connection.answer(orjson.loads(await receive(reader)))
            writer.write(framed(orjson.dumps(answer)))
            await writer.drain()
    writer.close()


async def _main(socket: str) -> None:
    parent = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(parent), sys.stdin
    )
    async with await asyncio.start_unix_server(_serve, socket, backlog=4096):
        os.write(sys.stdout.fileno(), READY)
        _quiet()
        sys.addaudithook(_no_network)
        await parent.read()  # nothing is ever written: it ends when the gateway does
    Path(socket).unlink()
    Path(socket).parent.rmdir()


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1]))
