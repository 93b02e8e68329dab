"""A gateway that stops waits for answers under way, and tells the rest that it has stopped."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.installation import Installation
from tests.support.open_stream import OpenStream

pytestmark = pytest.mark.e2e
DRAIN_S = 4


@pytest.fixture
def sluis(tmp_path: Path, config: str) -> Iterator[Installation]:
    installation = Installation(tmp_path, settings={"SLUIS_DRAIN_S": str(DRAIN_S)})
    installation.apply(config)
    try:
        installation.start("control", "gateway")
        yield installation
    finally:
        installation.stop()


def test_an_open_stream_ends_with_an_error_event_on_record(sluis: Installation) -> None:
    stream = OpenStream(sluis, "outside")
    gateway = sluis.process("gateway")
    gateway.send_signal(signal.SIGTERM)
    error = stream.error()
    assert error["code"] == "service_unavailable"
    assert "stopping" in error["message"]
    assert gateway.wait(timeout=30) == 0
    (closed,) = [
        one for one in sluis.entries(stream.audit_id) if one["event"] == "request:answer:close"
    ]
    assert closed["outcome"] == "gateway_stopped"
