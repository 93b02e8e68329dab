"""The texts: complete in both languages, and the only home of sentences that the console shows."""

import ast
import re
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

import admin
from admin.i18n import LANGUAGES, Localizer, escape, preferred_language, texts, time_zone

pytestmark = pytest.mark.unit
_FOLDER = Path(admin.__file__).parent
_SOURCES = sorted(_FOLDER.rglob("*.py"))
_FIELD = re.compile(r"{(\w+)}")
# Calls of Streamlit that put their first argument, or one of these keywords, on the screen.
_DRAWING_CALLS = {
    "title",
    "header",
    "subheader",
    "markdown",
    "caption",
    "text",
    "write",
    "error",
    "warning",
    "info",
    "success",
    "badge",
    "metric",
    "button",
    "form_submit_button",
    "download_button",
    "text_input",
    "text_area",
    "selectbox",
    "multiselect",
    "segmented_control",
    "radio",
    "checkbox",
    "toggle",
    "date_input",
    "number_input",
    "expander",
    "spinner",
    "dialog",
    "toast",
    "code",
}
_TEXT_ARGUMENTS = {"label", "help", "placeholder", "caption", "title", "x_label", "y_label"}
_PRODUCT = {"Sluis", ""}


def _calls(path: Path) -> list[ast.Call]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call)]


def _name_of(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _literal(node: ast.expr | None) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(p.value) for p in node.values if isinstance(p, ast.Constant))
    return None


def test_every_text_is_a_string_that_yaml_did_not_convert() -> None:
    for code in LANGUAGES:
        assert all(isinstance(text, str) for text in texts(code).values())
        assert "confirm.yes" in texts(code)  # unquoted, YAML reads `yes` as true


def test_both_languages_have_the_same_keys_and_the_same_fields() -> None:
    dutch, english = texts("nl"), texts("en")
    assert dutch.keys() == english.keys()
    assert not [
        k for k in dutch if set(_FIELD.findall(dutch[k])) != set(_FIELD.findall(english[k]))
    ]
    assert not [key for code in LANGUAGES for key, text in texts(code).items() if not text.strip()]


@pytest.mark.parametrize("path", _SOURCES, ids=lambda path: path.stem)
def test_no_view_has_literal_user_text(path: Path) -> None:
    found = []
    for call in _calls(path):
        named = call.func.attr if isinstance(call.func, ast.Attribute) else ""
        shown = [call.args[0]] if call.args and named in _DRAWING_CALLS else []
        shown += [word.value for word in call.keywords if word.arg in _TEXT_ARGUMENTS]
        literals = [_literal(node) for node in shown]
        found += [
            (call.lineno, text)
            for text in literals
            if text and re.search("[A-Za-z]{2}", text) and text not in _PRODUCT
        ]
    assert found == []


def test_every_named_key_exists_and_every_key_is_used() -> None:
    used, families = set(), set()
    for path in _SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            text = _literal(node) if isinstance(node, ast.expr) else None
            if isinstance(node, ast.JoinedStr):
                families.update(_family(node))
            elif text:
                used.add(text)
    for call in (call for path in _SOURCES for call in _calls(path)):
        key = _literal(call.args[0]) if call.args else None
        if _name_of(call) in {"localize", "raw"} and isinstance(call.args[0], ast.Constant):
            assert key in texts("en"), key
    patterns = [re.compile(family) for family in families]
    codes = (
        "level",
        "zone",
        "outcome",
        "decision",
        "rerouted",
        "event",
        "state",
        "kind",
        "source",
        "role",
        "type",
        "error",
    )
    unused = [
        key
        for key in texts("en")
        if key not in used
        and key.partition(".")[0] not in codes
        and not any(pattern.fullmatch(key) for pattern in patterns)
    ]
    assert unused == []


def test_every_call_passes_the_fields_of_its_text() -> None:
    for call in (call for path in _SOURCES for call in _calls(path)):
        if _name_of(call) in {"localize", "raw"} and isinstance(call.args[0], ast.Constant):
            fields = {word.arg for word in call.keywords}
            key = str(call.args[0].value)
            assert set(_FIELD.findall(texts("en")[key])) == fields, key


def _family(node: ast.JoinedStr) -> list[str]:
    """``f"overview.by_{group}"`` as a pattern of keys."""
    parts = [
        re.escape(str(part.value)) if isinstance(part, ast.Constant) else r"\w+"
        for part in node.values
    ]
    pattern = "".join(parts)
    return [pattern] if re.search(r"\\\.", pattern) else []


@pytest.mark.parametrize(
    "text",
    ["<b>x</b>", "**bold**", "[a](http://b)", ":red[x]", "`code`", "$x$", "# title", "a_b_c"],
)
def test_values_are_escaped_for_markdown(text: str) -> None:
    escaped = escape(text)
    assert re.sub(r"\\(.)", r"\1", escaped) == text
    assert not re.search(r"(?<!\\)[<>*\[\]():`$#_]", escaped)
    assert escape(text) in Localizer("en")("story.team", value=text)


def test_a_value_stays_in_its_line() -> None:
    assert escape("one\n\n# two\r\nthree") == r"one \# two three"


def test_the_browser_chooses_language_and_time_zone() -> None:
    assert [preferred_language(name) for name in ("nl-NL", "nl", "en-GB", "de", None)] == [
        "nl",
        "nl",
        "en",
        "en",
        "en",
    ]
    assert time_zone("Europe/Amsterdam") == ZoneInfo("Europe/Amsterdam")
    assert str(time_zone("Nowhere/At all")) == str(time_zone(None)) == "UTC"


def test_numbers_and_moments_follow_the_language() -> None:
    zone = ZoneInfo("Europe/Amsterdam")
    dutch, english = Localizer("nl", zone), Localizer("en", zone)
    assert (dutch.number(1234.5, 2), english.number(1234.5, 2)) == ("1.234,50", "1,234.50")
    assert dutch.moment(1_700_000_000) == "14-11-2023 23:13:20"
    assert english.moment(1_700_000_000) == "2023-11-14 23:13:20"
    assert dutch.name("zone", "elsewhere") == "elsewhere"
