"""Amazon Bedrock: signatures, roles, both APIs and binary streams, in the real wire format."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from gateway.core.errors import InvalidRequest, UpstreamFailed, UpstreamFault
from gateway.core.level import Zone
from gateway.core.snapshot import AwsSignOn, Provider, Snapshot
from gateway.dialects.anthropic_messages import AnthropicMessages
from gateway.dialects.base import Dialect
from gateway.dialects.openai_chat import OpenAIChat
from gateway.dialects.openai_embeddings import OpenAIEmbeddings
from gateway.dialects.openai_responses import OpenAIResponses
from gateway.egress import UpstreamClient, wire_formats
from gateway.egress.translator.client import Translator
from tests.support.bedrock_api import KEY_ID, REGION, ROLE, SECRET, BedrockApi

pytestmark = [pytest.mark.integration, pytest.mark.asyncio(loop_scope="module")]
CLAUDE, NOVA = "eu.anthropic.claude-sonnet-4-5-20250929-v1:0", "eu.amazon.nova-lite-v1:0"
PROFILE = "arn:aws:bedrock:eu-central-1:111122223333:application-inference-profile/abc"
SECRETS = {"env:ID": KEY_ID, "env:SECRET": SECRET, "env:KEY": "bedrock-api-key"}
OWN = AwsSignOn(REGION, access_key="env:ID", secret_key="env:SECRET")
SAID = [{"role": "user", "content": "Dag"}]
CHAT: dict[str, Any] = {"model": "m", "messages": SAID}
MESSAGES: dict[str, Any] = {"model": "m", "max_tokens": 9, "messages": SAID}
RESPONSES: dict[str, Any] = {"model": "m", "input": "Dag"}
TOOL = {"name": "find", "parameters": {"type": "object", "properties": {}}}


@pytest.fixture
def bedrock() -> Iterator[BedrockApi]:
    with BedrockApi() as api:
        yield api


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def translator() -> AsyncIterator[Translator]:
    made = Translator()  # litellm takes seconds to import
    yield made
    await made.close()


@asynccontextmanager
async def client_of(
    bedrock: BedrockApi, translator: Translator, **settings: Any
) -> AsyncIterator[UpstreamClient]:
    settings = settings or {"aws": OWN}
    provider = Provider("bedrock", "bedrock", bedrock.url, Zone.EU, **settings)
    client = UpstreamClient(
        Snapshot(created=0.0, bundle={}, providers=[provider]),
        secret=SECRETS.get,
        worker_token="w",
        formats=wire_formats(translator),
    )
    yield client
    await client.close()


async def asked(client: UpstreamClient, model: str, dialect: Dialect, body: Any) -> Any:
    written = await client.write("bedrock", model, body, dialect=dialect, digest=None)
    with await client.send(written) as answered:
        if body.get("stream"):
            return [chunk async for chunk in answered.chunks()]
        return await answered.whole()


def text_of(answer: Any) -> str:
    """The text of an answer of any dialect, whole or in events."""
    if isinstance(answer, list):
        return "".join(map(_piece, answer))
    if "choices" in answer:
        return str(answer["choices"][0]["message"]["content"])
    if "output" in answer:
        return str(answer["output"][-1]["content"][0]["text"])
    return str(answer["content"][-1]["text"])


def _piece(event: Any) -> str:
    if "choices" in event:
        return "".join(one["delta"].get("content") or "" for one in event["choices"])
    if event["type"] == "response.output_text.delta":
        return str(event["delta"])
    return str(event["delta"].get("text", "")) if event["type"] == "content_block_delta" else ""


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("model", [CLAUDE, NOVA, PROFILE])
@pytest.mark.parametrize(
    ("dialect", "body"),
    [(OpenAIChat(), CHAT), (AnthropicMessages(), MESSAGES), (OpenAIResponses(), RESPONSES)],
    ids=["chat", "messages", "responses"],
)
async def test_every_dialect_to_every_model(
    bedrock: BedrockApi,
    translator: Translator,
    dialect: Dialect,
    body: Any,
    model: str,
    stream: bool,
) -> None:
    async with client_of(bedrock, translator) as client:
        answer = await asked(client, model, dialect, {**body, "stream": stream})
    assert text_of(answer) == "Echo: Dag"
    assert bedrock.refused == []
    operation = "invoke-with-response-stream" if stream else "invoke"
    if model != CLAUDE:
        operation = "converse-stream" if stream else "converse"
    encoded = model.replace(":", "%3A").replace("/", "%2F")
    assert bedrock.paths == [f"/model/{encoded}/{operation}"]


async def test_a_messages_request_is_a_body_of_invoke(
    bedrock: BedrockApi, translator: Translator
) -> None:
    body = {**MESSAGES, "anthropic_beta": ["a", "b"], "temperature": 0.1, "stream": True}
    async with client_of(bedrock, translator) as client:
        await asked(client, CLAUDE, AnthropicMessages(), body)
    assert bedrock.bodies == [
        {
            "messages": SAID,
            "max_tokens": 9,
            "temperature": 0.1,
            "anthropic_version": "bedrock-2023-05-31",
            "anthropic_beta": ["a", "b"],
        }
    ]


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
async def test_tools_thoughts_and_usage_of_converse(
    bedrock: BedrockApi, translator: Translator, stream: bool
) -> None:
    more = {"stream": True} if stream else {}
    async with client_of(bedrock, translator) as client:
        tools = [{"type": "function", "function": TOOL}]
        called = await asked(client, NOVA, OpenAIChat(), {**CHAT, "tools": tools, **more})
        thought = await asked(client, NOVA, OpenAIChat(), {**CHAT, **more})
    if stream:
        made = [choice["delta"] for one in called for choice in one["choices"]]
        calls = [call for delta in made for call in delta.get("tool_calls", ())]
        assert calls[0]["id"] == "tooluse_1"
        assert calls[0]["function"]["name"] == "find"
        arguments = "".join(call["function"]["arguments"] for call in calls)
        reasons = [choice["finish_reason"] for one in called for choice in one["choices"]]
        assert reasons[-1] == "tool_calls"
        deltas = [choice["delta"] for one in thought for choice in one["choices"]]
        assert "".join(delta.get("reasoning_content", "") for delta in deltas) == "hm"
        usage = called[-1]["usage"]
    else:
        message = called["choices"][0]["message"]
        arguments = message["tool_calls"][0]["function"]["arguments"]
        assert called["choices"][0]["finish_reason"] == "tool_calls"
        assert thought["choices"][0]["message"]["reasoning_content"] == "hm"
        usage = called["usage"]
    assert arguments == '{"q":"é","n":1}'
    assert usage == {
        "prompt_tokens": 15,
        "completion_tokens": 7,
        "total_tokens": 22,
        "prompt_tokens_details": {"cached_tokens": 4},
    }


async def test_pictures_go_in_the_request(bedrock: BedrockApi, translator: Translator) -> None:
    def asking(url: str) -> Any:
        parts = [{"type": "text", "text": "?"}, {"type": "image_url", "image_url": {"url": url}}]
        return {"model": "m", "messages": [{"role": "user", "content": parts}]}

    async with client_of(bedrock, translator) as client:
        await asked(client, NOVA, OpenAIChat(), asking("data:image/png;base64,iVBORw0KGgo="))
        with pytest.raises(InvalidRequest, match="in the request itself"):
            await asked(client, NOVA, OpenAIChat(), asking("https://example.com/a.png"))
    (body,) = bedrock.bodies
    image = {"format": "png", "source": {"bytes": "iVBORw0KGgo="}}
    assert body["messages"][0]["content"][1] == {"image": image}


@pytest.mark.parametrize("field", ["n", "logprobs", "response_format"])
async def test_what_has_no_equivalent_is_refused(
    bedrock: BedrockApi, translator: Translator, field: str
) -> None:
    value = {"n": 2, "logprobs": True, "response_format": {"type": "json_object"}}[field]
    async with client_of(bedrock, translator) as client:
        with pytest.raises(InvalidRequest) as refused:
            await asked(client, NOVA, OpenAIChat(), {**CHAT, field: value})
    assert refused.value.param == field
    assert bedrock.paths == []


async def test_a_key_of_bedrock(bedrock: BedrockApi, translator: Translator) -> None:
    async with client_of(bedrock, translator, api_key="env:KEY") as client:
        assert text_of(await asked(client, NOVA, OpenAIChat(), CHAT)) == "Echo: Dag"
    assert bedrock.refused == []


async def test_a_role_by_an_access_key(bedrock: BedrockApi, translator: Translator) -> None:
    sign_on = AwsSignOn(
        REGION, access_key="env:ID", secret_key="env:SECRET", role=ROLE, sts=bedrock.url
    )
    async with client_of(bedrock, translator, aws=sign_on) as client:
        await asked(client, NOVA, OpenAIChat(), CHAT)
        await asked(client, NOVA, OpenAIChat(), CHAT)
    assert bedrock.refused == []
    (form,) = bedrock.forms
    assert (form["Action"], form["RoleArn"]) == ("AssumeRole", ROLE)
    assert len(bedrock.bodies) == 2


async def test_a_role_by_the_token_of_a_workload(
    bedrock: BedrockApi, translator: Translator, tmp_path: Path
) -> None:
    file = tmp_path / "token"
    file.write_text(bedrock.web_token)
    sign_on = AwsSignOn(REGION, role=ROLE, token_file=str(file), sts=bedrock.url)
    async with client_of(bedrock, translator, aws=sign_on) as client:
        await asked(client, NOVA, OpenAIChat(), CHAT)
        assert len(bedrock.bodies) == 1
    (form,) = bedrock.forms
    assert (form["Action"], form["WebIdentityToken"]) == (
        "AssumeRoleWithWebIdentity",
        bedrock.web_token,
    )


async def test_a_role_that_is_refused(
    bedrock: BedrockApi, translator: Translator, tmp_path: Path
) -> None:
    file = tmp_path / "token"
    file.write_text("another")
    sign_on = AwsSignOn(REGION, role=ROLE, token_file=str(file), sts=bedrock.url)
    async with client_of(bedrock, translator, aws=sign_on) as client:
        with pytest.raises(UpstreamFailed, match="403") as failed:
            await asked(client, NOVA, OpenAIChat(), CHAT)
    assert failed.value.fault is UpstreamFault.OPERATOR
    assert bedrock.paths == []


@pytest.mark.parametrize(
    ("wish", "code", "fault"),
    [
        ("cut", "upstream_disconnected", UpstreamFault.OUTAGE),
        ("throttle", "upstream_error", UpstreamFault.LIMIT),
        ("status 429", "upstream_error", UpstreamFault.LIMIT),
        ("status 403", "upstream_error", UpstreamFault.OPERATOR),
    ],
)
async def test_streams_that_fail(
    bedrock: BedrockApi, translator: Translator, wish: str, code: str, fault: UpstreamFault
) -> None:
    said = [{"role": "user", "content": f"example: {wish}"}]
    body = {"model": "m", "stream": True, "messages": said}
    async with client_of(bedrock, translator) as client:
        with pytest.raises(UpstreamFailed) as failed:
            await asked(client, NOVA, OpenAIChat(), body)
    assert (failed.value.code, failed.value.fault) == (code, fault)
    assert "sk-secret" not in str(failed.value)


async def test_too_long_is_said(bedrock: BedrockApi, translator: Translator) -> None:
    body = {"model": "m", "messages": [{"role": "user", "content": "example: status 400"}]}
    async with client_of(bedrock, translator) as client:
        with pytest.raises(InvalidRequest) as refused:
            await asked(client, NOVA, OpenAIChat(), body)
    assert refused.value.code == "context_length_exceeded"


async def test_embeddings_are_not_written_for_bedrock(
    bedrock: BedrockApi, translator: Translator
) -> None:
    async with client_of(bedrock, translator) as client:
        provider = Provider("bedrock", "bedrock", bedrock.url, Zone.EU)
        assert not client.speaks(OpenAIEmbeddings(), provider)
