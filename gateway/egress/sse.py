"""Server-sent events: parses arriving bytes into the data of whole events (WHATWG HTML, 9.2)."""

from gateway.core.errors import UpstreamFailed

_MAX_EVENT = 8 * 1024 * 1024


class EventReader:
    """Splits a byte stream into events, for any chunking of the bytes."""

    def __init__(self) -> None:
        self._rest = b""
        self._data: list[bytes] = []

    def feed(self, chunk: bytes) -> list[bytes]:
        """Returns the data of each event that this chunk completes.

        Raises:
            UpstreamFailed: when one event grows beyond 8 MiB.
        """
        text = self._rest + chunk
        *lines, self._rest = text.split(b"\n")
        if len(self._rest) > _MAX_EVENT:
            raise UpstreamFailed("The provider sent an event that is too large.")
        events: list[bytes] = []
        for line in lines:
            stripped = line.removesuffix(b"\r")
            if not stripped:
                if self._data:
                    events.append(b"\n".join(self._data))
                    self._data = []
            elif stripped.startswith(b"data:"):
                self._data.append(stripped[5:].removeprefix(b" "))
        return events
