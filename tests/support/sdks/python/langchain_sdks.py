"""langchain-openai and langchain-anthropic."""

import anthropic
import openai
from cases import CITY, PERSONAL, RESTRICTED, SAY, TOOL, City, show
from langchain_anthropic import ChatAnthropic
from langchain_openai import ChatOpenAI, OpenAIEmbeddings

show.start()


def open_ai(key=show.key, **options):
    return ChatOpenAI(
        model="outside", base_url=f"{show.url}/v1", api_key=key, max_retries=0, **options
    )


def claude(key=show.key):
    return ChatAnthropic(
        model="claude-only", base_url=show.url, api_key=key, max_retries=0, max_tokens=99
    )


def first_call(answer):
    return f"{answer.tool_calls[0]['name']}({answer.tool_calls[0]['args']})"


@show
def openai_plain():
    return open_ai().invoke(PERSONAL).content


@show
def openai_stream():
    return "".join(chunk.content for chunk in open_ai().stream(PERSONAL))


@show
def openai_responses():
    return open_ai(use_responses_api=True).invoke(PERSONAL).text


@show
def openai_tools():
    function = {"type": "function", "function": TOOL}
    return first_call(open_ai().bind_tools([function]).invoke(PERSONAL))


@show
def openai_structured():
    return open_ai().with_structured_output(City).invoke(SAY) == CITY


@show
def openai_embeddings():
    made = OpenAIEmbeddings(
        model="embed",
        base_url=f"{show.url}/v1",
        api_key=show.key,
        check_embedding_ctx_length=False,
    )
    return [len(vector) for vector in made.embed_documents([PERSONAL, "Dag"])]


@show
def openai_error():
    try:
        for _ in range(3):
            open_ai(show.limited_key).invoke("Dag")
    except openai.RateLimitError as failed:
        return bool(failed.response.headers["retry-after"])


@show
def openai_refusal():
    try:
        open_ai().invoke(RESTRICTED)
    except openai.PermissionDeniedError as failed:
        return failed.code


@show
def anthropic_plain():
    return claude().invoke(PERSONAL).content


@show
def anthropic_stream():
    return "".join(chunk.text for chunk in claude().stream(PERSONAL))


@show
def anthropic_tools():
    function = {"type": "function", "function": TOOL}
    return first_call(claude().bind_tools([function]).invoke(PERSONAL))


@show
def anthropic_structured():
    return claude().with_structured_output(City, method="function_calling").invoke("Kies.") == CITY


@show
def anthropic_error():
    try:
        for _ in range(3):
            claude(show.limited_key).invoke("Dag")
    except anthropic.RateLimitError as failed:
        return bool(failed.response.headers["retry-after"])


@show
def anthropic_refusal():
    try:
        claude().invoke(RESTRICTED)
    except anthropic.PermissionDeniedError as failed:
        return failed.body["error"]["code"]


show.end()
