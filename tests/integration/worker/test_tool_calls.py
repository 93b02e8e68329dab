"""Tool calls: read from the text by the family of the template, and constrained when required."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gateway.core.manifest import manifest_of, version_digest
from gateway.worker.spec import ServedModel
from gateway.worker.tool_calls import ToolCallReader, ToolFormat, choice_of, format_of
from tests.support.tiny_model import make_tiny

pytestmark = [pytest.mark.integration, pytest.mark.filterwarnings("ignore")]
MARKS = {
    "hermes": "<tool_call>",
    "mistral": "[TOOL_CALLS]",
    "llama": '{"name": function name, "parameters": dictionary of argument name and its value}',
}
PARAMETERS = {
    "type": "object",
    "properties": {"city": {"type": "string", "enum": ["Zwolle", "Delft"]}},
    "required": ["city"],
    "additionalProperties": False,
}
TOOLS = [
    {"type": "function", "function": {"name": name, "description": "d", "parameters": PARAMETERS}}
    for name in ("weather", "tides")
]
CALL = '{"name": "weather", "arguments": {"city": "Zwolle"}}'
TEXTS = {
    "hermes": (f"One moment.<tool_call>\n{CALL}\n</tool_call>", "One moment."),
    "mistral": (f"One moment.[TOOL_CALLS][{CALL}]", "One moment."),
    "llama": (CALL.replace("arguments", "parameters"), ""),
}


def family(name: str) -> ToolFormat:
    found = format_of(MARKS[name])
    assert found is not None
    return found


def read(name: str, text: str, *, size: int, **options: Any) -> tuple[str, list[tuple[str, Any]]]:
    """The text and the calls of an answer that comes in pieces of this size."""
    reader = ToolCallReader(family(name), choice_of(TOOLS, "auto", one=options.get("one", False)))
    pieces = [text[at : at + size] for at in range(0, len(text), size)]
    got = [*map(reader.push, pieces), reader.finish()]
    calls = [(one.name, json.loads(one.arguments)) for _, found in got for one in found]
    return "".join(shown for shown, _ in got), calls


@pytest.mark.parametrize("size", [1, 3, 1000])
@pytest.mark.parametrize("name", list(MARKS))
def test_a_call_is_read_however_its_text_is_cut(name: str, size: int) -> None:
    whole, text = TEXTS[name]
    assert read(name, whole, size=size) == (text, [("weather", {"city": "Zwolle"})])


@pytest.mark.parametrize("size", [1, 1000])
@pytest.mark.parametrize("name", list(MARKS))
def test_a_call_that_is_cut_off_or_of_no_tool_is_text(name: str, size: int) -> None:
    whole, _ = TEXTS[name]
    for text in (whole[:-14], whole.replace("weather", "unknown"), "Plain <b>text</b> {}"):
        assert read(name, text, size=size) == (text, [])


def test_several_calls_are_read_unless_one_was_asked_for() -> None:
    call = f"<tool_call>{CALL}</tool_call>"
    other = call.replace("weather", "tides")
    assert [name for name, _ in read("hermes", f"{call}\n{other}", size=5)[1]] == [
        "weather",
        "tides",
    ]
    _, calls = read("hermes", f"{call}\n{other}", size=5, one=True)
    assert [name for name, _ in calls] == ["weather"]


@pytest.fixture(scope="module")
def made(
    start: Callable[..., Any],
    served: Callable[..., ServedModel],
    tmp_path_factory: pytest.TempPathFactory,
) -> Any:
    """A worker with a model of each family."""
    versions = []
    for name, mark in MARKS.items():
        folder = make_tiny(tmp_path_factory.mktemp("tools") / name)
        template = folder / "chat_template.jinja"
        text = template.read_text(encoding="utf-8")
        template.write_text(f"{{# {mark} #}}{text}", encoding="utf-8")
        base = manifest_of(folder).digest
        versions.append(
            replace(
                served(name),
                base_dir=Path(folder),
                base_digest=base,
                digest=version_digest(base, None),
            )
        )
    worker = start(num_blocks=64)
    worker.call(worker.engine.serve([*versions, served()]))
    return worker


@pytest.mark.parametrize("name", list(MARKS))
@pytest.mark.parametrize(
    ("choice", "names"),
    [
        ("required", {"weather", "tides"}),
        ({"type": "function", "function": {"name": "tides"}}, {"tides"}),
    ],
)
def test_a_required_call_is_valid_whatever_the_model_would_say(
    made: Any, name: str, choice: Any, names: set[str]
) -> None:
    fields = {"tools": TOOLS, "tool_choice": choice, "max_tokens": 200, "seed": 3}
    one = {"parallel_tool_calls": False}
    answer = made.chat(model=f"{name}@1", **fields, **one).json()["choices"][0]
    assert answer["finish_reason"] == "tool_calls"
    assert answer["message"]["content"] is None
    [call] = answer["message"]["tool_calls"]
    assert call["type"] == "function"
    assert call["id"].startswith("call_")
    assert call["function"]["name"] in names
    assert json.loads(call["function"]["arguments"])["city"] in ("Zwolle", "Delft")
    frames = made.chat(model=f"{name}@1", stream=True, **fields, **one).text.split("\n\n")[:-2]
    deltas = [json.loads(one.removeprefix("data: "))["choices"][0] for one in frames]
    [streamed] = [one for delta in deltas for one in delta["delta"].get("tool_calls", [])]
    assert (streamed["index"], streamed["function"]) == (0, call["function"])
    assert "".join(delta["delta"].get("content", "") for delta in deltas) == ""
    assert deltas[-1]["finish_reason"] == "tool_calls"


def test_none_leaves_the_tools_out(made: Any) -> None:
    plain = made.text(model="hermes@1", temperature=0, max_tokens=12)
    answer = made.text(
        model="hermes@1", temperature=0, max_tokens=12, tools=TOOLS, tool_choice="none"
    )
    assert answer == plain


@pytest.mark.parametrize(
    ("model", "fields"),
    [
        ("tiny@1", {"tool_choice": "required"}),
        ("hermes@1", {"tool_choice": {"type": "function", "function": {"name": "unknown"}}}),
        ("hermes@1", {"tool_choice": "perhaps"}),
        ("hermes@1", {"tool_choice": "required", "response_format": {"type": "json_object"}}),
        ("hermes@1", {"tools": [], "tool_choice": "required"}),
        ("hermes@1", {"tools": [{"type": "custom", "custom": {"name": "x"}}]}),
        (
            "hermes@1",
            {
                "tool_choice": "required",
                "tools": [
                    {"type": "function", "function": {"name": "x", "parameters": {"type": "odd"}}}
                ],
            },
        ),
    ],
)
def test_what_cannot_be_done_is_refused(made: Any, model: str, fields: dict[str, Any]) -> None:
    answer = made.chat(**{"model": model, "tools": TOOLS, **fields})
    assert answer.status_code == 400
    assert answer.json()["error"]["param"]


def test_the_calls_of_earlier_turns_reach_the_template(made: Any) -> None:
    past = [
        {"role": "user", "content": "Weather?"},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {"id": "c", "type": "function", "function": {"name": "weather", "arguments": "{}"}}
            ],
        },
        {"role": "tool", "tool_call_id": "c", "content": "Rain."},
    ]
    assert made.chat(model="hermes@1", messages=past, tools=TOOLS, max_tokens=2).is_success
