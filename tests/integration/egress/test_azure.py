"""Azure OpenAI: its paths, its key, and tokens of Entra ID, with the real wire format."""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from gateway.core.errors import InvalidRequest, UpstreamFailed, UpstreamFault
from gateway.core.level import Zone
from gateway.core.snapshot import EntraSignOn, Provider, Snapshot
from gateway.dialects.anthropic_messages import AnthropicMessages
from gateway.dialects.base import Dialect
from gateway.dialects.openai_chat import OpenAIChat
from gateway.dialects.openai_embeddings import OpenAIEmbeddings
from gateway.dialects.openai_responses import OpenAIResponses
from gateway.egress import UpstreamClient, wire_formats
from gateway.egress.translator.client import Translator
from tests.support.azure_api import CLIENT, KEY, SECRET, TENANT, AzureApi

pytestmark = pytest.mark.integration
ASKED = {"model": "m", "messages": [{"role": "user", "content": "Dag"}]}
SECRETS = {"env:AZURE_KEY": KEY, "env:ENTRA_SECRET": SECRET}


@pytest.fixture
def azure() -> Iterator[AzureApi]:
    with AzureApi() as api:
        yield api


@asynccontextmanager
async def client_of(azure: AzureApi, **settings: Any) -> AsyncIterator[UpstreamClient]:
    base = settings.pop("base_url", azure.url)
    provider = Provider("azure", "azure", base, Zone.EU, **settings)
    client = UpstreamClient(
        Snapshot(created=0.0, bundle={}, providers=[provider]),
        secret=SECRETS.get,
        worker_token="w",
        formats=wire_formats(Translator()),
    )
    yield client
    await client.close()


async def asked(
    client: UpstreamClient, body: Any = ASKED, dialect: Dialect | None = None, model: str = "gpt eu"
) -> Any:
    written = await client.write("azure", model, body, dialect=dialect or OpenAIChat(), digest=None)
    with await client.send(written) as answered:
        if body.get("stream"):
            return [chunk async for chunk in answered.chunks()]
        return await answered.whole()


def entra(azure: AzureApi, **proof: str) -> EntraSignOn:
    return EntraSignOn(TENANT, CLIENT, authority=azure.url, **proof)


@pytest.mark.parametrize("suffix", ["", "/", "/openai/v1", "/openai/v1/"])
async def test_a_key_and_the_v1_api(azure: AzureApi, suffix: str) -> None:
    async with client_of(azure, base_url=azure.url + suffix, api_key="env:AZURE_KEY") as client:
        answer = await asked(client)
        assert answer["choices"][0]["message"]["content"] == "Echo: Dag"
        assert azure.last()["model"] == "gpt eu"
        sent = azure.headers[-1]
        assert sent["api-key"] == KEY
        assert "authorization" not in sent
        embedded = await asked(client, {"model": "m", "input": "Dag"}, OpenAIEmbeddings())
        assert embedded["data"]
        said = await asked(client, {"model": "m", "input": "Dag"}, OpenAIResponses())
        assert said["status"] == "completed"
        names = ("chat/completions", "embeddings", "responses")
        assert azure.paths == [f"/openai/v1/{name}" for name in names]


async def test_a_dated_version_names_the_deployment_in_the_path(azure: AzureApi) -> None:
    apis = ["chat_completions", "embeddings"]
    settings = {"api_key": "env:AZURE_KEY", "api_version": "2024-10-21", "apis": apis}
    async with client_of(azure, **settings) as client:
        await asked(client)
        said = await asked(client, {"model": "m", "input": "Dag"}, OpenAIResponses())
        assert said["output"][0]["content"][0]["text"] == "Echo: Dag"
    path = "/openai/deployments/gpt eu/chat/completions?api-version=2024-10-21"
    assert azure.paths == [path, path]


async def test_a_stream_with_results_of_the_filter(azure: AzureApi) -> None:
    async with client_of(azure, api_key="env:AZURE_KEY") as client:
        chunks = await asked(client, {**ASKED, "stream": True})
    deltas = [choice.get("delta", {}) for chunk in chunks for choice in chunk["choices"]]
    assert "".join(delta.get("content") or "" for delta in deltas) == "Echo: Dag"
    assert chunks[-2]["usage"]["total_tokens"] == 18


async def test_what_the_filter_of_azure_refuses_is_the_callers_to_know(azure: AzureApi) -> None:
    body = {"model": "m", "messages": [{"role": "user", "content": "example: filter"}]}
    async with client_of(azure, api_key="env:AZURE_KEY") as client:
        with pytest.raises(InvalidRequest) as refused:
            await asked(client, body)
    assert refused.value.code == "content_filter"


async def test_a_wrong_key_is_the_operators_to_mend(azure: AzureApi) -> None:
    async with client_of(azure, api_key="env:ENTRA_SECRET") as client:
        with pytest.raises(UpstreamFailed) as failed:
            await asked(client)
    assert failed.value.fault is UpstreamFault.OPERATOR


async def test_a_token_for_the_secret_of_an_application(azure: AzureApi) -> None:
    async with client_of(azure, entra=entra(azure, secret="env:ENTRA_SECRET")) as client:
        await asked(client)
        await asked(client)
    assert azure.forms == [
        {
            "grant_type": "client_credentials",
            "client_id": CLIENT,
            "scope": "https://cognitiveservices.azure.com/.default",
            "client_secret": SECRET,
        }
    ]
    assert [sent["authorization"] for sent in azure.headers] == ["Bearer token-1"] * 2
    assert all("api-key" not in sent for sent in azure.headers)


async def test_a_token_for_the_token_of_a_workload(azure: AzureApi, tmp_path: Path) -> None:
    azure.assertion, azure.lasts = "header.payload.signature", 0
    file = tmp_path / "azure-identity-token"
    file.write_text(azure.assertion + "\n")
    async with client_of(azure, entra=entra(azure, token_file=str(file))) as client:
        await asked(client)
        azure.assertion = "header.newer.signature"
        file.write_text(azure.assertion)
        await asked(client)
    assert [form["client_assertion"] for form in azure.forms] == [
        "header.payload.signature",
        "header.newer.signature",
    ]
    assert "client_secret" not in azure.forms[0]


@pytest.mark.parametrize(
    ("status", "fault"),
    [(401, UpstreamFault.OPERATOR), (429, UpstreamFault.OUTAGE), (503, UpstreamFault.OUTAGE)],
)
async def test_no_token_and_no_request(
    azure: AzureApi, caplog: pytest.LogCaptureFixture, status: int, fault: UpstreamFault
) -> None:
    azure.refuses = status
    async with client_of(azure, entra=entra(azure, secret="env:ENTRA_SECRET")) as client:
        with pytest.raises(UpstreamFailed, match=str(status)) as failed:
            await asked(client)
    assert failed.value.fault is fault
    assert "AADSTS" not in str(failed.value)
    assert azure.paths == []
    said = ("egress:provider:misconfigured", "azure") in {
        (one.getMessage(), getattr(one, "provider", None)) for one in caplog.records
    }
    assert said is (fault is UpstreamFault.OPERATOR)


async def test_no_token_file_and_no_request(azure: AzureApi, tmp_path: Path) -> None:
    missing = str(tmp_path / "none")
    async with client_of(azure, entra=entra(azure, token_file=missing)) as client:
        with pytest.raises(UpstreamFailed, match="token file") as failed:
            await asked(client)
    assert failed.value.fault is UpstreamFault.OPERATOR
    assert azure.forms == []


async def test_the_limit_of_output_has_the_name_that_reasoning_models_take(
    azure: AzureApi,
) -> None:
    said = [{"role": "user", "content": "Dag"}]
    settings: dict[str, Any] = {"api_key": "env:AZURE_KEY", "apis": ["chat_completions"]}
    async with client_of(azure, **settings) as client:
        body = {"model": "m", "max_tokens": 9, "messages": said}
        await asked(client, body, AnthropicMessages())
        responses = {"model": "m", "input": said, "max_output_tokens": 9}
        await asked(client, responses, OpenAIResponses())
    for sent in map(json.loads, azure.bodies):
        assert sent["max_completion_tokens"] == 9
        assert "max_tokens" not in sent
