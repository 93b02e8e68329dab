"""A special category in the definition of a tool concerns no person of the conversation."""

from typing import Any

import pytest

from gateway.core.level import Level
from tests.support.outgoing import Outgoing, outgoing

TOPIC = "Diagnoses a patient with diabetes and depression."
PERSON = "Mail Sanne de Vries op sanne@vries-advies.nl."
MESSAGE = [{"role": "user", "content": PERSON}]


async def level_with(tool: dict[str, Any], content: str = PERSON) -> Outgoing:
    messages = [{"role": "user", "content": content}]
    tools = [{"type": "function", "function": {"name": "look", **tool}}]
    return await outgoing({"model": "m", "messages": messages, "tools": tools})


@pytest.mark.parametrize(
    "tool",
    [
        {"description": TOPIC},
        {"name": "diagnose_patient_with_depression"},
        {"parameters": {"properties": {"a": {"type": "string", "description": TOPIC}}}},
        {"parameters": {"properties": {"a": {"enum": ["depression", "diabetes"]}}}},
    ],
)
async def test_a_topic_in_a_tool_binds_to_no_person_elsewhere(tool: dict[str, Any]) -> None:
    result = await level_with(tool)
    assert result.level is Level.CONFIDENTIAL
    assert result.leaves


async def test_a_topic_in_a_tool_binds_to_a_person_in_the_same_tool() -> None:
    result = await level_with({"description": "Sanne de Vries heeft diabetes."}, "Hoi.")
    assert result.level is Level.RESTRICTED


@pytest.mark.parametrize("role", ["system", "developer", "user"])
async def test_a_topic_in_a_message_binds_to_a_person_elsewhere(role: str) -> None:
    messages = [{"role": role, "content": TOPIC}, *MESSAGE]
    result = await outgoing({"model": "m", "messages": messages})
    assert result.level is Level.RESTRICTED


async def test_a_text_that_is_also_a_message_is_not_only_a_definition() -> None:
    tool = {"description": TOPIC}
    document = f"look\n{TOPIC}"
    alone = await level_with(tool, PERSON)
    assert alone.level is Level.CONFIDENTIAL
    both = await level_with(tool, f"{PERSON}\n{document}\n{TOPIC}")
    assert both.level is Level.RESTRICTED


async def test_a_person_in_a_tool_counts_for_a_topic_in_a_message() -> None:
    result = await level_with({"description": "Looks up Sanne de Vries."}, TOPIC)
    assert result.level is Level.RESTRICTED


async def test_a_call_of_a_tool_with_such_a_name_stays_a_definition() -> None:
    name = "diagnose_patient_with_depression"
    call = {"id": "c1", "type": "function", "function": {"name": name, "arguments": "{}"}}
    result = await outgoing({
        "model": "m",
        "messages": [
            *MESSAGE,
            {"role": "assistant", "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "c1", "content": "klaar"},
        ],
        "tools": [{"type": "function", "function": {"name": name}}],
    })
    assert result.level is Level.CONFIDENTIAL
