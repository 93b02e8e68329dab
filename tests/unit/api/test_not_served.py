"""Endpoints that are not served say why, and what to use in their place."""

import time

import httpx
import pytest

from gateway.api.not_served import NOT_SERVED
from gateway.api.v1 import V1
from gateway.core.errors import Unavailable
from gateway.request.context import AuditRecord
from gateway.telemetry import Telemetry
from tests.support.prometheus_text import parse

CALLED = {
    "/v1/audio/transcriptions",
    "/v1/audio/speech",
    "/v1/images/generations",
    "/v1/files",
    "/v1/files/file-1/content",
    "/v1/uploads",
    "/v1/batches",
    "/v1/realtime/sessions",
    "/v1/completions",
    "/v1/fine_tuning/jobs",
    "/v1/assistants",
    "/v1/threads/t/runs",
    "/v1/vector_stores",
    "/audio",
    "/",
    "/v1",
    "/health",
    "/health/liveliness",
    "/v1/responses/resp_1",
    "/v1/responses/resp_1/input_items",
    "/v1/responses/input_tokens",
    "/v1/conversations",
    "/v1/rerank",
    "/rerank",
    "/v1/skills",
    "/mcp",
    "/openai/deployments/gpt-4o/chat/completions",
    "/openai/v1/responses",
    "/v1/v1/chat/completions",
    "/v1beta/models/gemini-2.5-pro:generateContent",
    "/api/chat",
    "/model/anthropic.claude/converse",
    "/model/info",
    "/key/info",
}
OF_MESSAGES = {"/v1/messages/batches", "/v1/messages/batches/b/results"}


async def asked(
    method: str, path: str, headers: dict[str, str] | None = None
) -> tuple[httpx.Response, list[BaseException]]:
    recorded: list[BaseException] = []

    async def refused(_: AuditRecord, error: BaseException) -> None:
        recorded.append(error)

    telemetry = Telemetry(None, clock=time.monotonic)
    app = V1([], clock=time.monotonic, max_body=1, refused=refused, telemetry=telemetry)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        return await client.request(method, path, headers=headers), recorded


@pytest.mark.parametrize("path", sorted(CALLED))
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_the_refusal_names_a_reason_and_an_endpoint(method: str, path: str) -> None:
    response, recorded = await asked(method, path)
    error = response.json()["error"]
    assert (response.status_code, error["code"]) == (404, "not_found")
    assert error["message"] in NOT_SERVED.values()
    assert "POST /v1/" in error["message"]
    assert len(recorded) == 1


@pytest.mark.parametrize("path", sorted(CALLED | OF_MESSAGES))
async def test_a_client_of_messages_reads_it_in_its_own_form(path: str) -> None:
    headers = {} if path in OF_MESSAGES else {"anthropic-version": "2023-06-01"}
    response, recorded = await asked("POST", path, headers)
    said = response.json()
    assert (response.status_code, said["type"]) == (404, "error")
    assert said["error"]["type"] == "not_found_error"
    assert "POST /v1/" in said["error"]["message"]
    assert "Use POST /v1/chat/completions" not in said["error"]["message"]
    assert len(recorded) == 1


async def test_azure_clients_are_told_how_to_ask() -> None:
    response, _ = await asked("POST", "/openai/deployments/gpt-4o/chat/completions")
    message = response.json()["error"]["message"]
    assert all(word in message for word in ("base URL", "/v1", "bearer", "as model"))


@pytest.mark.parametrize("path", ["/v1/filesystem", "/v1/completion", "/v1", "/"])
async def test_another_path_gets_the_list_of_endpoints(path: str) -> None:
    response, recorded = await asked("POST", path)
    assert response.status_code == 404
    assert response.json()["error"]["message"].startswith("There is no such path.")
    assert len(recorded) == 1


def test_every_reason_is_called_by_a_test() -> None:
    starts = {
        "/".join(path.split("/")[:3])
        for path in CALLED | OF_MESSAGES | {"/v1" + one for one in CALLED}
    }
    assert NOT_SERVED.keys() <= starts


async def test_a_refusal_that_cannot_be_recorded_is_counted() -> None:
    async def refused(_: AuditRecord, __: BaseException) -> None:
        raise Unavailable("The trail cannot be written.")

    telemetry = Telemetry(None, clock=time.monotonic)
    app = V1([], clock=time.monotonic, max_body=1, refused=refused, telemetry=telemetry)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        assert (await client.get("/v1/nothing")).status_code == 503
    found = parse(telemetry.exposition())
    assert found["sluis_gateway_refusals_total"].value(error_type="service_unavailable") == 1
    served = found["http_server_request_duration_seconds"]
    assert served.value("_count", http_response_status_code="503") == 1
    assert found["http_server_active_requests"].value() == 0
