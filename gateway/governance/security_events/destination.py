"""Where security events go: a syslog receiver or an OpenTelemetry collector."""

from dataclasses import dataclass
from typing import Literal, Protocol
from urllib.parse import urlsplit

from gateway.governance.security_events.record import Document

Transport = Literal["tls", "tcp", "udp", "otlp"]
_SYSLOG: dict[str, Transport] = {
    "syslog+tls": "tls",
    "syslog+tcp": "tcp",
    "syslog+udp": "udp",
}
_PORTS = {"tls": 6514, "tcp": 601, "udp": 514}  # RFC 5425, 6587 and 5426
_FORMS = (
    "an address is syslog+tls://host:6514, syslog+tcp://host:601, syslog+udp://host:514, "
    "otlp+https://host:4318 or otlp+http://host:4318"
)


class DeliveryFailed(Exception):
    """The receiver did not take the events; the message is the reason, without content."""


class Receiver(Protocol):
    """A connection to one destination."""

    async def send(self, documents: list[Document]) -> None:
        """Send events in order.

        Raises:
            DeliveryFailed: when the receiver refused them.
            OSError: when it cannot be reached.
        """
        ...


@dataclass(frozen=True, slots=True)
class EventDestination:
    """One destination; ``url`` is that of a collector, host and port are of both kinds."""

    transport: Transport
    host: str
    port: int
    url: str = ""

    @property
    def label(self) -> str:
        """The name in logs and in the database."""
        return f"{self.transport}:{self.host}:{self.port}"

    @classmethod
    def parse(cls, text: str) -> "EventDestination":
        """Parses a setting.

        Raises:
            ValueError: says what is wrong with it.
        """
        url = urlsplit(text)
        port = url.port
        if not url.hostname or url.username or url.query or url.fragment:
            raise ValueError(f"{_FORMS}, without login, query or fragment")
        if url.scheme in _SYSLOG and not url.path.strip("/"):
            transport = _SYSLOG[url.scheme]
            return cls(transport, url.hostname, port or _PORTS[transport])
        if url.scheme in {"otlp+https", "otlp+http"}:
            address = text.removeprefix("otlp+").rstrip("/")
            return cls("otlp", url.hostname, port or 4318, address)
        raise ValueError(_FORMS)
