"""Polling the readiness of other processes goes on after a fault."""

import asyncio

import pytest

from gateway.processes.readiness import Readiness

pytestmark = pytest.mark.integration


async def test_a_process_that_does_not_answer_in_http_is_polled_again() -> None:
    answers = [b"hello\r\n", b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"]

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answers.pop(0))
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        readiness = Readiness((url,))
        await readiness.poll()
        assert readiness.pending_reason() == f"{url}: no answer"
        await readiness.poll()
        assert readiness.pending_reason() is None
