"""Every event has a line in docs/events.md, and every line an event; people read words for each."""

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from admin.i18n import texts as console_texts
from gateway.core.system.logs import FIELDS
from gateway.governance.reports.localizer import texts_of

ROOT = Path(__file__).resolve().parents[2]
_NAME = re.compile(r"([a-z_]+:[a-z_]+:[a-z_-]+)(?= |$)")
_BEGINNING = re.compile(r"[a-z_]+:[a-z_]+:$")
_LINE = re.compile(r"^\| `([a-z_:-]+)` \|", re.MULTILINE)


def _of_the_code() -> tuple[set[str], set[str]]:
    """Whole names, and beginnings of those that the code puts together."""
    names, beginnings = set(), set()
    for path in (ROOT / "gateway").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                if found := _NAME.match(node.value):
                    names.add(found[1])
                elif _BEGINNING.match(node.value):
                    beginnings.add(node.value)
    return names, beginnings


def test_the_list_of_events_is_that_of_the_code() -> None:
    listed = _LINE.findall((ROOT / "docs" / "events.md").read_text(encoding="utf-8"))
    assert len(listed) == len(set(listed))
    names, beginnings = _of_the_code()
    assert names <= set(listed)
    unknown = {name for name in set(listed) - names if not name.startswith(tuple(beginnings))}
    assert not unknown
    for beginning in beginnings:
        assert any(name.startswith(beginning) for name in listed), beginning


def _log_lines() -> Iterator[tuple[str, ast.Call]]:
    for path in (ROOT / "gateway").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                called = node.func.value
                if isinstance(called, ast.Name) and called.id == "logger":
                    yield f"{path.name}:{node.lineno}", node


def test_a_log_line_is_an_event_and_its_details_are_fields() -> None:
    """Arguments of a message are in no line, and neither is a field that no reader knows."""
    found = list(_log_lines())
    assert len(found) > 30
    for place, call in found:
        said = call.args[-1]
        assert isinstance(said, ast.Constant), place
        assert _NAME.match(str(said.value)), place
        assert len(call.args) == (2 if _method(call) == "log" else 1), place
        assert {one.arg for one in call.keywords} <= {"extra", "exc_info"}, place


def test_every_detail_of_a_log_line_is_a_known_field() -> None:
    for place, call in _log_lines():
        for one in call.keywords:
            if isinstance(one.value, ast.Dict):
                names = {str(key.value) for key in one.value.keys if isinstance(key, ast.Constant)}
                assert names <= set(FIELDS), place


def _method(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


@pytest.mark.parametrize(
    "texts",
    [console_texts("en"), console_texts("nl"), texts_of("en").texts, texts_of("nl").texts],
)
def test_people_read_words_for_every_event(texts: Mapping[str, str]) -> None:
    entries, _, _ = (ROOT / "docs" / "events.md").read_text(encoding="utf-8").partition("## Lines")
    unnamed = {name for name in _LINE.findall(entries) if f"event.{name}" not in texts}
    assert not unnamed
