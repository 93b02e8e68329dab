"""What OpenAI's own service gets beside the caller's request."""

from typing import Any

import orjson
import pytest

from gateway.core.level import Zone
from gateway.core.snapshot import Provider
from gateway.dialects.anthropic_messages import AnthropicMessages
from gateway.dialects.base import Body
from gateway.dialects.messages_as_chat import chat_request as of_messages
from gateway.dialects.openai_chat import OpenAIChat
from gateway.dialects.openai_responses import OpenAIResponses
from gateway.dialects.responses_as_chat import chat_request as of_responses
from gateway.privacy import Scope
from gateway.request.departure import for_openai

pytestmark = pytest.mark.unit
SAID = [{"role": "user", "content": "Dag"}]
CHAT: Body = {"model": "m", "messages": SAID, "prompt_cache_key": "my-session"}
MESSAGES: Body = {"model": "m", "max_tokens": 9, "messages": SAID}
RESPONSES: Body = {"model": "m", "input": "Dag"}


@pytest.mark.parametrize(
    ("url", "is_openai"),
    [
        ("https://api.openai.com/v1", True),
        ("https://eu.api.openai.com/v1", True),
        ("https://x.openai.azure.com", False),
        ("https://api.mistral.ai/v1", False),
        ("https://openai.com.example.nl/v1", False),
        ("http://127.0.0.1:8000/v1", False),
    ],
)
def test_who_is_openai(url: str, *, is_openai: bool) -> None:
    assert Provider("one", "openai", url, Zone.EU).is_openai is is_openai


def written() -> list[dict[str, Any]]:
    """The same conversation on each way to OpenAI."""
    key = Scope("t", "k", "u", "c").cache_key(b"k" * 32)
    return [
        orjson.loads(OpenAIChat().write(for_openai(CHAT, key), "gpt")),
        orjson.loads(OpenAIResponses().write(for_openai(RESPONSES, key), "gpt")),
        of_messages(for_openai(MESSAGES, key)),
        of_responses(for_openai(RESPONSES, key))[0],
    ]


def test_nothing_is_stored_there_and_the_cache_has_a_name_of_ours() -> None:
    bodies = written()
    assert [body["store"] for body in bodies] == [False] * 4
    (key,) = {body["prompt_cache_key"] for body in bodies}
    assert "session" not in key
    assert Scope("t", "k", "u", "other").cache_key(b"k" * 32) != key
    assert Scope("t", "k", "u", "c").cache_key(b"l" * 32) != key


def test_anthropic_gets_neither() -> None:
    sent = orjson.loads(AnthropicMessages().write(MESSAGES, "claude"))
    assert not {"store", "prompt_cache_key"} & sent.keys()
