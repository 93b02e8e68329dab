"""pydantic-ai, over chat completions, Responses and messages."""

import asyncio

import anthropic
import openai
from cases import CITY, PERSONAL, RESTRICTED, City, show
from pydantic_ai import Agent, ModelHTTPError
from pydantic_ai.models.anthropic import AnthropicModel
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel
from pydantic_ai.providers.anthropic import AnthropicProvider
from pydantic_ai.providers.openai import OpenAIProvider

show.start()


def open_ai(key=show.key):
    client = openai.AsyncOpenAI(base_url=f"{show.url}/v1", api_key=key, max_retries=0)
    return OpenAIProvider(openai_client=client)


def claude(key=show.key):
    client = anthropic.AsyncAnthropic(base_url=show.url, api_key=key, max_retries=0)
    return AnthropicModel("claude-only", provider=AnthropicProvider(anthropic_client=client))


def chat(key=show.key):
    return OpenAIChatModel("outside", provider=open_ai(key))


def responses():
    return OpenAIResponsesModel("outside", provider=open_ai())


def said(model, text=PERSONAL):
    return Agent(model).run_sync(text).output


async def _streamed(model):
    async with Agent(model).run_stream(PERSONAL) as answer:
        return await answer.get_output()


def streamed(model):
    return asyncio.run(_streamed(model))


def used(model):
    """What a tool was called with."""
    calls = []

    def find(query: str = "", city: str = "", days: int = 0) -> str:
        """Finds."""
        calls.append(query or f"{city} {days}")
        return "gevonden"

    answer = Agent(model, tools=[find]).run_sync(PERSONAL).output
    return [calls[0], answer]


@show
def chat_plain():
    return said(chat())


@show
def chat_stream():
    return streamed(chat())


@show
def chat_tools():
    return used(chat())


@show
def responses_plain():
    return said(responses())


@show
def responses_stream():
    return streamed(responses())


@show
def responses_tools():
    return used(responses())


@show
def anthropic_plain():
    return said(claude())


@show
def anthropic_stream():
    return streamed(claude())


@show
def anthropic_tools():
    return used(claude())


@show
def anthropic_structured():
    return Agent(claude(), output_type=City).run_sync("Kies.").output == CITY


@show
def error():
    try:
        for _ in range(3):
            said(chat(show.limited_key), "Dag")
    except ModelHTTPError as failed:
        return failed.status_code


@show
def refusal():
    try:
        said(chat(), RESTRICTED)
    except ModelHTTPError as failed:
        return [failed.status_code, failed.body["code"]]


show.end()
