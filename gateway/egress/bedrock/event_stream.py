"""The binary frames in which AWS streams, read for any chunking of the bytes.

Source: AWS, "Event stream encoding" (Smithy 2.0, ``application/vnd.amazon.eventstream``): total
length, length of the headers, a checksum of both, headers, payload, a checksum of all.
"""

import base64
import binascii
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from zlib import crc32

import orjson

from gateway.core.errors import UpstreamFailed, UpstreamFault

MEDIA_TYPE = "application/vnd.amazon.eventstream"
_PRELUDE, _CHECKSUM = 12, 4
_LARGEST = 8 * 1024 * 1024
_STRING = 7
_WIDTHS = {0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16}  # bytes of a value, by its type
_COUNTED = (6, 7)  # bytes and strings say their length
_FAULTS: Mapping[str, UpstreamFault] = MappingProxyType({
    "throttlingException": UpstreamFault.LIMIT
})


class EventStreamReader:
    """Splits a byte stream into JSON events.

    An event of InvokeModel is the model's own; any other is an object with its kind as the only
    name.
    """

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, chunk: bytes) -> list[bytes]:
        """Returns the events that this chunk completes.

        Raises:
            UpstreamFailed: when the provider reports an error, or the frames are damaged.
        """
        self._rest += chunk
        return [_event(frame) for frame in self._frames()]

    def _frames(self) -> list[bytes]:
        """The complete frames; copies what is left once, not for each of them."""
        data, at, frames = self._rest, 0, list[bytes]()
        while len(data) - at >= _PRELUDE:
            length = int.from_bytes(data[at : at + 4], "big")
            if crc32(data[at : at + 8]) != int.from_bytes(data[at + 8 : at + _PRELUDE], "big"):
                raise _damaged()
            if not _PRELUDE + _CHECKSUM <= length <= _LARGEST:
                raise _damaged()
            if len(data) - at < length:
                break
            frames.append(data[at : at + length])
            at += length
        self._rest = data[at:]
        return frames


def _event(frame: bytes) -> bytes:
    if crc32(frame[:-_CHECKSUM]) != int.from_bytes(frame[-_CHECKSUM:], "big"):
        raise _damaged()
    start = _PRELUDE + int.from_bytes(frame[4:8], "big")
    if start > len(frame) - _CHECKSUM:
        raise _damaged()
    headers = dict(_headers(frame[_PRELUDE:start]))
    if headers.get(":message-type") != "event":
        kind = headers.get(":exception-type") or headers.get(":error-code") or ""
        fault = _FAULTS.get(kind, UpstreamFault.OUTAGE)
        raise UpstreamFailed("The provider reported an error.", fault=fault)
    kind, payload = headers.get(":event-type", ""), frame[start:-_CHECKSUM]
    if kind == "chunk":
        return _inner(payload)
    return b'{"%s":%s}' % (_name(kind), payload or b"{}")


def _headers(data: bytes) -> Iterator[tuple[str, str]]:
    """The headers that are strings."""
    at = 0
    while at < len(data):
        name = data[at + 1 : at + 1 + data[at]]
        at += 1 + len(name)
        kind = data[at] if at < len(data) else -1
        at += 1
        if kind in _COUNTED:
            size = int.from_bytes(data[at : at + 2], "big")
            at += 2
        elif kind in _WIDTHS:
            size = _WIDTHS[kind]
        else:
            raise _damaged()
        if kind == _STRING:
            yield name.decode("utf-8", "replace"), data[at : at + size].decode("utf-8", "replace")
        at += size


def _inner(payload: bytes) -> bytes:
    """The event in an event of InvokeModel."""
    try:
        return base64.b64decode(orjson.loads(payload)["bytes"], validate=True)
    except (orjson.JSONDecodeError, binascii.Error, TypeError, LookupError, ValueError) as error:
        raise _damaged() from error


def _name(kind: str) -> bytes:
    if not (kind.isascii() and kind.isalnum()):
        raise _damaged()
    return kind.encode()


def _damaged() -> UpstreamFailed:
    return UpstreamFailed("The provider's stream is damaged.")
