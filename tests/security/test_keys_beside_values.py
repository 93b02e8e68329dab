"""A value is judged with its key, as text, in tool arguments and as the default of a schema."""

import json
from typing import Any

import pytest

from gateway.core.level import Level
from tests.support.outgoing import Outgoing, outgoing

# Key, value, level. Invented values; those of persons pass their checks.
TABLE = [
    ("password", "Zomer2024!x", Level.RESTRICTED),
    ("wachtwoord", "Zomer2024!x", Level.RESTRICTED),
    ("api_key", "0123456789abcdef0123456789abcdef", Level.RESTRICTED),
    ("token", "abc123def456", Level.RESTRICTED),
    ("pin", "4821", Level.RESTRICTED),
    ("pin", 4821, Level.RESTRICTED),
    ("cvv", "123", Level.RESTRICTED),
    ("card_security_code", 4417, Level.RESTRICTED),
    ("geboortedatum", "1980-02-03", Level.CONFIDENTIAL),
    ("date_of_birth", "03/02/1980", Level.CONFIDENTIAL),
    ("dateOfBirth", "03/02/1980", Level.CONFIDENTIAL),
    ("geboorte_datum", "03-02-1980", Level.CONFIDENTIAL),
    ("documentnummer", "SPECI2014", Level.CONFIDENTIAL),
    ("postcode", "2511 CV", Level.CONFIDENTIAL),
    ("rekening", "0417164300", Level.CONFIDENTIAL),
    ("account_number", "0417164300", Level.CONFIDENTIAL),
    ("bsn", 111222333, Level.CONFIDENTIAL),
    ("diagnosis", "HIV positive", Level.RESTRICTED),
    ("diagnose", "F32.1", Level.RESTRICTED),
    ("religion", "islam", Level.RESTRICTED),
    ("geloof", "rooms-katholiek", Level.RESTRICTED),
]
NO_REDACTION = {"diagnosis", "diagnose", "religion", "geloof"}  # topics raise the level only


def as_text(key: str, value: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": json.dumps({"klant": {key: value}})}]}


def as_plain(key: str, value: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": f"{key}: {value}"}]}


def as_arguments(key: str, value: Any) -> dict[str, Any]:
    arguments = json.dumps({"klant": {key: value}})
    call = {"id": "a", "type": "function", "function": {"name": "save", "arguments": arguments}}
    return {"messages": [{"role": "assistant", "tool_calls": [call]}]}


def as_nested_arguments(key: str, value: Any) -> dict[str, Any]:
    body = json.dumps({"body": json.dumps({"klant": {key: value}})})
    call = {"id": "a", "type": "function", "function": {"name": "post", "arguments": body}}
    return {"messages": [{"role": "assistant", "tool_calls": [call]}]}


def as_default(key: str, value: Any) -> dict[str, Any]:
    schema = {"type": "object", "properties": {key: {"type": "string", "default": value}}}
    function = {"name": "save", "parameters": schema}
    messages = [{"role": "user", "content": "Dag"}]
    return {"messages": messages, "tools": [{"type": "function", "function": function}]}


def as_response_const(key: str, value: Any) -> dict[str, Any]:
    schema = {"type": "object", "properties": {key: {"const": value}}}
    form = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}
    return {"messages": [{"role": "user", "content": "Dag"}], "response_format": form}


def as_unlisted_field(key: str, value: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": "Dag", key: str(value)}]}


async def sent(body: dict[str, Any]) -> Outgoing:
    return await outgoing({"model": "m", **body})


@pytest.mark.parametrize(
    "form",
    [
        as_plain,
        as_text,
        as_arguments,
        as_nested_arguments,
        as_default,
        as_response_const,
        as_unlisted_field,
    ],
)
@pytest.mark.parametrize(("key", "value", "level"), TABLE)
async def test_every_form_gets_the_same_level_and_is_redacted(
    form: Any, key: str, value: Any, level: Level
) -> None:
    result = await sent(form(key, value))
    assert result.level == level
    assert (str(value) in result.sent) == (key in NO_REDACTION)


@pytest.mark.parametrize(
    "text",
    [
        "Diagnosis: the disk is full",
        "religion: string",
        "Race: won by the blue car",
        "rekening: 20240001",
        '{"type": "object", "properties": {"religion": {"enum": ["islam", "none"]}}}',
        "security code review: 1234 lines",
    ],
)
async def test_a_key_alone_says_nothing(text: str) -> None:
    result = await sent({"messages": [{"role": "user", "content": text}]})
    assert result.level == Level.PUBLIC
    assert text in json.loads(result.sent)["messages"][0]["content"]
