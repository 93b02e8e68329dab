"""The openai SDK: chat completions, Responses, embeddings."""

import openai
from cases import CITY, PERSONAL, RESTRICTED, SAY, TOOL, City, show

show.start()
client = openai.OpenAI(base_url=f"{show.url}/v1", api_key=show.key, max_retries=0)
limited = openai.OpenAI(base_url=f"{show.url}/v1", api_key=show.limited_key, max_retries=0)


def said(text):
    return [{"role": "user", "content": text}]


def chat(text, of=client, **options):
    return of.chat.completions.create(model="outside", messages=said(text), **options)


@show
def plain():
    return chat(PERSONAL).choices[0].message.content


@show
def stream():
    chunks = list(chat(PERSONAL, stream=True))
    return "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)


@show
def accumulated():
    with client.chat.completions.stream(model="outside", messages=said(PERSONAL)) as events:
        return events.get_final_completion().choices[0].message.content


@show
def tools():
    function = {"type": "function", "function": TOOL}
    call = chat(PERSONAL, tools=[function]).choices[0].message.tool_calls[0].function
    return f"{call.name}({call.arguments})"


@show
def structured():
    answer = client.chat.completions.parse(
        model="outside", messages=said(SAY), response_format=City
    )
    return answer.choices[0].message.parsed == CITY


@show
def responses_plain():
    return client.responses.create(model="outside", input=PERSONAL).output_text


@show
def responses_stream():
    with client.responses.stream(model="outside", input=PERSONAL) as events:
        return events.get_final_response().output_text


@show
def responses_tools():
    tool = {"type": "function", **TOOL, "strict": False}
    call = client.responses.create(model="outside", input=PERSONAL, tools=[tool]).output[0]
    return f"{call.name}({call.arguments})"


@show
def responses_structured():
    answer = client.responses.parse(model="outside", input=SAY, text_format=City)
    return answer.output_parsed == CITY


@show
def embeddings():
    answer = client.embeddings.create(model="embed", input=[PERSONAL, "Dag"])
    return [len(one.embedding) for one in answer.data]


@show
def error():
    try:
        for _ in range(3):
            chat("Dag", of=limited)
    except openai.RateLimitError as failed:
        return bool(failed.response.headers["retry-after"])


@show
def refusal():
    try:
        chat(RESTRICTED)
    except openai.PermissionDeniedError as failed:
        return failed.code


show.end()
