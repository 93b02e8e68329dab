"""Binary frames of AWS: the same events for any chunking, and failures for damaged ones."""

import base64
import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.errors import UpstreamFailed, UpstreamFault
from gateway.egress.bedrock.event_stream import EventStreamReader
from tests.support.bedrock_api import frame

pytestmark = pytest.mark.unit
INNER = b'{"type":"message_stop"}'
FRAMES = (
    frame("messageStart", {"role": "assistant"})
    + frame("contentBlockDelta", {"delta": {"text": "é"}})
    + frame("chunk", {"bytes": base64.b64encode(INNER).decode(), "p": "abc"})
)
EVENTS = [
    {"messageStart": {"role": "assistant"}},
    {"contentBlockDelta": {"delta": {"text": "é"}}},
    json.loads(INNER),
]


def read(*pieces: bytes) -> list[bytes]:
    reader = EventStreamReader()
    return [event for piece in pieces for event in reader.feed(piece)]


@pytest.mark.parametrize("size", [1, 2, 7, 11, 12, 13, 50, len(FRAMES)])
def test_the_same_events_for_any_chunking(size: int) -> None:
    pieces = [FRAMES[at : at + size] for at in range(0, len(FRAMES), size)]
    assert [json.loads(event) for event in read(*pieces)] == EVENTS


@given(st.integers(0, len(FRAMES) - 1), st.integers(1, 255))
def test_a_damaged_byte_is_noticed(place: int, change: int) -> None:
    damaged = bytearray(FRAMES)
    damaged[place] ^= change
    seen: list[bytes] = []
    with contextlib.suppress(UpstreamFailed):
        seen = read(bytes(damaged))
    assert len(seen) < len(EVENTS)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_a_failure(data: bytes) -> None:
    with contextlib.suppress(UpstreamFailed):
        read(data)


@pytest.mark.parametrize(
    ("kind", "fault"),
    [
        ("throttlingException", UpstreamFault.LIMIT),
        ("internalServerException", UpstreamFault.OUTAGE),
    ],
)
def test_an_exception_is_a_failure_without_its_text(kind: str, fault: UpstreamFault) -> None:
    with pytest.raises(UpstreamFailed) as failed:
        read(frame(kind, {"message": "the prompt was: secret"}, message="exception"))
    assert failed.value.fault is fault
    assert "secret" not in str(failed.value)


def test_a_name_that_is_none_is_damage() -> None:
    with pytest.raises(UpstreamFailed):
        read(frame('x":1,"y', {}))
