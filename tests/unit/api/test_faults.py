"""An internal error: the client gets its number, and the log the same one without content."""

import json
import logging
import time
from collections.abc import Iterator

import httpx
import pytest

from gateway.api.asgi import Send
from gateway.api.v1 import V1, Route
from gateway.core.system.logs.setup import LineHandler
from gateway.dialects.openai_chat import OpenAIChat
from gateway.request.context import AuditRecord, IncomingRequest
from gateway.telemetry import Telemetry

CANARY = "Jan de Vries"
EVENT = "api:request:fault"


async def broken(_: IncomingRequest, __: Send) -> None:
    raise LookupError(CANARY)


@pytest.fixture
def log() -> Iterator[None]:
    handler = LineHandler("gateway", json.dumps, clock=time.monotonic)
    own = logging.getLogger("gateway.api")
    own.addHandler(handler)
    own.propagate = False  # a command run in this process by a test may have set up the root
    yield
    own.propagate = True
    own.removeHandler(handler)


@pytest.mark.usefixtures("log")
async def test_the_line_of_a_request_that_failed_has_its_audit_id(
    capfd: pytest.CaptureFixture[str],
) -> None:
    async def refused(_: AuditRecord, __: BaseException) -> None: ...

    app = V1(
        [Route("POST", "/v1/chat/completions", "chat", OpenAIChat(), broken)],
        clock=time.monotonic,
        max_body=100,
        refused=refused,
        telemetry=Telemetry(None, clock=time.monotonic),
    )
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        answer = await client.post("/v1/chat/completions", json={})
    assert answer.status_code == 500
    assert answer.json()["error"]["code"] == "internal_error"
    lines = [json.loads(line) for line in capfd.readouterr().err.splitlines() if EVENT in line]
    (line,) = lines  # an earlier test of this process may still write lines of its own
    assert line["event"] == EVENT
    assert line["error"] == "LookupError"
    assert line["audit_id"] == answer.headers["request-id"]
    assert CANARY not in json.dumps(line) + answer.text
