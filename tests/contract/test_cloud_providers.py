"""Azure OpenAI and Amazon Bedrock behind the whole data plane, in every dialect."""

import json
import re
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_asyncio

from gateway.core.level import Zone
from gateway.core.snapshot import Alias, Contract, Deployment, Prices, Provider, Snapshot
from gateway.core.system import secrets
from gateway.egress import wire_formats
from gateway.egress.translator.client import Translator
from gateway.governance.policies.bundle import read_bundle
from tests.support.azure_api import AzureApi
from tests.support.bedrock_api import BedrockApi
from tests.support.in_process import InProcessGateway, key_of
from tests.support.said import said_in

pytestmark = [pytest.mark.contract, pytest.mark.asyncio(loop_scope="module")]
MODELS = {
    "azure": "gpt",
    "claude": "eu.anthropic.claude-sonnet-4-5-20250929-v1:0",
    "nova": "eu.amazon.nova-lite-v1:0",
}
PRICE = Prices(input_per_million=1000, output_per_million=2000)
CONTRACT = Contract(region="EU", transfer_basis="none-needed", review="2099-12-31")
MAIL = "jan.devries@hotmail.nl"
SAID = f"Mail {MAIL} een bericht."
PLACEHOLDER = re.compile(r"\[EMAIL_[a-z0-9]+\]")
ASKED: dict[str, dict[str, Any]] = {
    "/v1/chat/completions": {"messages": [{"role": "user", "content": SAID}]},
    "/v1/messages": {"max_tokens": 99, "messages": [{"role": "user", "content": SAID}]},
    "/v1/responses": {"input": SAID},
}


@pytest.fixture(scope="module")
def azure() -> Iterator[AzureApi]:
    with AzureApi(key="sk-upstream-canary") as api:
        yield api


@pytest.fixture(scope="module")
def bedrock() -> Iterator[BedrockApi]:
    with BedrockApi() as api:
        api.bearer = "sk-upstream-canary"
        yield api


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def gateway(
    azure: AzureApi, bedrock: BedrockApi, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[InProcessGateway]:
    folder, translator = tmp_path_factory.mktemp("cloud"), Translator()
    made = secrets.create(folder / "secrets")
    hosts = {"azure": azure.url, "bedrock": bedrock.url}
    kinds = {name: "azure" if name == "azure" else "bedrock" for name in MODELS}
    snapshot = Snapshot(
        created=0.0,
        bundle=read_bundle(),
        providers=[
            Provider(kind, kind, url, Zone.EU, api_key="env:KEY", contract=CONTRACT)
            for kind, url in hosts.items()
        ],
        deployments=[Deployment(name, kinds[name], MODELS[name], PRICE) for name in MODELS],
        aliases=[Alias(f"{name}-alias", [name]) for name in MODELS],
        keys=[key_of(made.pepper)],
    )
    formats = wire_formats(translator)
    async with InProcessGateway(snapshot, folder, made=made, formats=formats) as running:
        yield running
    await translator.close()


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("path", ASKED)
@pytest.mark.parametrize("model", MODELS)
async def test_a_value_leaves_as_a_placeholder_and_comes_back(
    gateway: InProcessGateway,
    azure: AzureApi,
    bedrock: BedrockApi,
    model: str,
    path: str,
    *,
    stream: bool,
) -> None:
    body = {"model": f"{model}-alias", **ASKED[path], "stream": stream}
    answer = await gateway.client.post(path, json=body)
    assert answer.status_code == 200, answer.text
    sent = azure.bodies[-1].decode() if model == "azure" else json.dumps(bedrock.bodies[-1])
    assert MAIL not in sent
    assert PLACEHOLDER.search(sent)
    said = said_in(answer.text)
    assert PLACEHOLDER.search(said) is None
    assert MAIL in said
    intent, close = [dict(entry.fields) for entry in gateway.entries_of(answer)]
    assert (intent["deployment"], intent["zone"], intent["redacted"]) == (model, "eu", 1)
    assert close["outcome"] == "ok"
    assert close["cost_micros"]


async def test_azure_gets_no_field_that_only_openai_knows(
    gateway: InProcessGateway, azure: AzureApi
) -> None:
    body = {"model": "azure-alias", **ASKED["/v1/chat/completions"], "prompt_cache_key": "mine"}
    assert (await gateway.client.post("/v1/chat/completions", json=body)).status_code == 200
    assert not {"prompt_cache_key", "store"} & azure.last().keys()
    asked = {"model": "azure-alias", **ASKED["/v1/responses"]}
    assert (await gateway.client.post("/v1/responses", json=asked)).status_code == 200
    assert azure.last()["store"] is False
