"""The anthropic SDK: messages."""

import anthropic
from cases import PERSONAL, RESTRICTED, SCHEMA, show

show.start()
client = anthropic.Anthropic(base_url=show.url, api_key=show.key, max_retries=0)
limited = anthropic.Anthropic(base_url=show.url, api_key=show.limited_key, max_retries=0)
TOOL = {"name": "find", "description": "Finds.", "input_schema": SCHEMA}


def ask(text, of=client, model="claude-only", **options):
    messages = [{"role": "user", "content": text}]
    return of.messages.create(model=model, max_tokens=99, messages=messages, **options)


def texts(message):
    return "".join(block.text for block in message.content if block.type == "text")


@show
def plain():
    return texts(ask(PERSONAL))


@show
def over_chat():
    return texts(ask(PERSONAL, model="outside"))


@show
def stream():
    messages = [{"role": "user", "content": PERSONAL}]
    with client.messages.stream(model="claude-only", max_tokens=99, messages=messages) as events:
        return "".join(events.text_stream)


@show
def tools():
    calls = [block for block in ask(PERSONAL, tools=[TOOL]).content if block.type == "tool_use"]
    return f"{calls[0].name}({calls[0].input})"


@show
def structured():
    choice = {"type": "tool", "name": "find"}
    return ask(PERSONAL, tools=[TOOL], tool_choice=choice).content[-1].input


@show
def count_tokens():
    messages = [{"role": "user", "content": PERSONAL}]
    return client.messages.count_tokens(model="claude-only", messages=messages).input_tokens > 0


@show
def models():
    return "claude-only" in [model.id for model in client.models.list()]


@show
def error():
    try:
        for _ in range(3):
            ask("Dag", of=limited)
    except anthropic.RateLimitError as failed:
        return bool(failed.response.headers["retry-after"])


@show
def refusal():
    try:
        ask(RESTRICTED)
    except anthropic.PermissionDeniedError as failed:
        return failed.body["error"]["code"]


show.end()
