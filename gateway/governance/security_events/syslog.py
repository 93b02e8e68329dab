"""Syslog messages (RFC 5424), over TLS (RFC 5425), TCP (RFC 6587) or UDP (RFC 5426)."""

import asyncio
import json
import os
import socket
import ssl

from gateway.governance.security_events.classes import SEVERITIES
from gateway.governance.security_events.destination import EventDestination
from gateway.governance.security_events.record import Document

_FACILITY = 13  # log audit
_APP = "sluis"
_LIMIT_S = 10.0


class SyslogReceiver:
    """One receiver. Each batch has a connection of its own, so that one that broke is not used."""

    def __init__(self, destination: EventDestination) -> None:
        self._to = destination

    async def send(self, documents: list[Document]) -> None:
        """Send events in order; see ``Receiver.send``. Syslog has no acknowledgements."""
        messages = [message(document) for document in documents]
        async with asyncio.timeout(_LIMIT_S):
            if self._to.transport == "udp":
                await self._datagrams(messages)
            else:
                await self._stream(b"".join(b"%d %b" % (len(one), one) for one in messages))

    async def _stream(self, data: bytes) -> None:
        tls = ssl.create_default_context() if self._to.transport == "tls" else None
        _, writer = await asyncio.open_connection(self._to.host, self._to.port, ssl=tls)
        try:
            writer.write(data)
            await writer.drain()
        finally:
            writer.close()
        await writer.wait_closed()

    async def _datagrams(self, messages: list[bytes]) -> None:
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            asyncio.DatagramProtocol, remote_addr=(self._to.host, self._to.port)
        )
        for one in messages:
            transport.sendto(one)
        transport.close()


def message(document: Document) -> bytes:
    """One event as a syslog message; the text is JSON in ASCII, so it needs no byte order mark."""
    priority = _FACILITY * 8 + SEVERITIES[document["log"]["level"]]
    head = f"<{priority}>1 {document['@timestamp']} {socket.gethostname() or '-'} {_APP} "
    name = document["event"]["action"]
    body = json.dumps(document, ensure_ascii=True, separators=(",", ":"))
    return f"{head}{os.getpid()} {name} - {body}".encode("ascii")
