"""The coverage matrix: which fields there are, what each may hold, and what has to happen to it.

The fields are those of the field tables; ``tests/data/coverage.yaml`` has the contents and, by
class, the outcomes. ``scripts/coverage_doc.py`` writes the matrix down.
"""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.support.field_table import Body, Field, fields_of

DATA = yaml.safe_load(Path("tests/data/coverage.yaml").read_text(encoding="utf-8"))
CONTENTS: dict[str, Any] = DATA["contents"]
_NAMES = {"name", "word", "call_id", "handle"}
_UNREAD = {"unread", "image", "inside_only", "known"}
_UNLISTED = "field_of_tomorrow"
_TURNS = {"chat_completions": "messages", "messages": "messages", "responses": "input"}
_SAID = {"role": "user", "content": "Dag"}


@dataclass(frozen=True, slots=True)
class Cell:
    """One field with one content. ``parts`` may not leave; ``expected`` is an outcome."""

    dialect: str
    field: Field
    content: str
    text: str
    name: str
    parts: tuple[str, ...]
    expected: str

    def __str__(self) -> str:
        return f"{self.field.place} ({self.field.kind}) with {self.content}"

    @property
    def is_value(self) -> bool:
        """Whether ``parts`` are values, which neither entries nor stored bodies hold."""
        return self.content in {"personal", "secret"}

    @property
    def is_read(self) -> bool:
        """Whether the field is scanned, or not kept; what is unread is stored as it came."""
        return self.field.kind not in _UNREAD

    def shown_in(self, text: str) -> list[str]:
        """The parts that a text holds."""
        return [part for part in self.parts if part.lower() in text.lower()]

    def request(self, model: str, *, stream: bool) -> Body:
        """The smallest request with the content in the field."""
        made: Body = _COMPLETED[self.dialect](self.field.body(self._value()))
        asked = {"model": model, **({"stream": True} if stream else {})}
        return {**asked, **made}

    def _value(self) -> Any:
        kind = self.field.kind.rpartition(" ")[2]
        match kind:
            case "json":
                return json.dumps({"x": self.text})
            case "json_object" | "scalars":
                return {"x": self.text}
            case "schema" | "any_json":
                described = {"type": "string", "description": self.text}
                return {"type": "object", "properties": {"x": described}}
            case "document":
                return self._file()
            case _:
                return self.name if kind in _NAMES else self.text

    def _file(self) -> Any:
        data = base64.b64encode(self.text.encode()).decode()
        url = f"data:text/plain;base64,{data}"
        if self.dialect == "chat_completions":
            return {"filename": "a.txt", "file_data": url}
        return data if self.dialect == "messages" else url


def fields(dialect: str) -> list[Field]:
    """The fields of a dialect's requests, with one that no table lists, at the top and below."""
    unlisted = [Field(_UNLISTED, "unlisted", lambda value: {_UNLISTED: value})]
    if (turns := _TURNS.get(dialect)) is not None:
        below = Field(
            f"{turns}.{_UNLISTED}",
            "unlisted",
            lambda value: {turns: [{**_SAID, _UNLISTED: value}]},
        )
        unlisted.append(below)
    return [*fields_of(dialect, DATA["beside"].get(dialect)), *unlisted]


def outcomes_of(dialect: str, field: Field) -> dict[str, str]:
    """What has to happen to a field, by content.

    Raises:
        KeyError: for a class without an entry in ``tests/data/coverage.yaml``.
    """
    exceptions = DATA["exceptions"].get(dialect, {})
    found: dict[str, str] = exceptions.get(field.place) or DATA["classes"][field.kind]
    return found


def cells(dialect: str) -> Iterator[Cell]:
    """All cells of a dialect; the items of a content take turns."""
    for number, field in enumerate(fields(dialect)):
        for content, expected in outcomes_of(dialect, field).items():
            items = CONTENTS[content]["items"]
            item = items[number % len(items)]
            parts = tuple(item["parts"])
            yield Cell(dialect, field, content, item["text"], item["name"], parts, expected)


def _chat(body: Body) -> Body:
    return {**body, "messages": [*_list(body.get("messages")), _SAID]}


def _messages(body: Body) -> Body:
    return {"max_tokens": 9, **_chat(body)}


def _responses(body: Body) -> Body:
    given = body.get("input")
    return body if isinstance(given, str) else {**body, "input": [*_list(given), _SAID]}


def _embeddings(body: Body) -> Body:
    return {"input": "Dag", **body}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


_COMPLETED = {
    "chat_completions": _chat,
    "messages": _messages,
    "responses": _responses,
    "embeddings": _embeddings,
}
