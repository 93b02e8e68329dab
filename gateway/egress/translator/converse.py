"""Chat completions as requests of Amazon Bedrock's Converse API, by litellm.

Runs in the translator's child process.
"""

from typing import Any

from litellm.exceptions import BadRequestError
from litellm.llms.bedrock.chat.converse_transformation import AmazonConverseConfig
from litellm.llms.bedrock.common_utils import BedrockError

from gateway.dialects.base import Body
from gateway.egress.translator.inexpressible import InexpressibleError

_CONFIG: Any = AmazonConverseConfig()
_TAKEN = (
    "stop",
    "temperature",
    "top_p",
    "max_tokens",
    "max_completion_tokens",
    "tools",
    "tool_choice",
)
_OF_TOOLS = frozenset({"tools", "tool_choice"})
_UNMAPPED = (BedrockError, BadRequestError, AttributeError, LookupError, TypeError, ValueError)


def request(body: Body, model: str) -> Body:
    """The body that asks the same of a model on Bedrock.

    Raises:
        InexpressibleError: when there is none.
    """
    taken = {name: body[name] for name in _TAKEN if body.get(name) is not None}
    if not taken.get("tools"):
        taken = {name: value for name, value in taken.items() if name not in _OF_TOOLS}
    try:
        _refuse(body)
        options = _CONFIG.map_openai_params(taken, {}, model, drop_params=False)
        sent: Body = _CONFIG.transform_request(model, list(body["messages"]), options, {}, {})
    except _UNMAPPED as error:
        raise InexpressibleError(
            "This request cannot be written for this model on Amazon Bedrock. Check its messages, "
            "tools and parameters."
        ) from error
    return {name: value for name, value in sent.items() if value not in ({}, [])}


def _refuse(body: Body) -> None:
    """What would be lost, or would have to be fetched."""
    for name, lost in (
        ("n", (body.get("n") or 1) > 1),
        ("logprobs", bool(body.get("logprobs"))),
        ("functions", bool(body.get("functions"))),
        ("response_format", (body.get("response_format") or {}).get("type", "text") != "text"),
    ):
        if lost:
            raise InexpressibleError(
                f"This model's provider has no equivalent for this value of {name}.", name
            )
    for message in body["messages"]:
        content = message.get("content")
        for part in content if isinstance(content, list) else ():
            if part["type"] == "image_url" and not part["image_url"]["url"].startswith("data:"):
                raise InexpressibleError(
                    "For this provider, images must be in the request itself.", "messages"
                )
