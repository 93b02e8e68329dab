"""YAML that stands for more than it shows is refused before anything walks over it."""

import pytest
import yaml

from gateway.core.text import yaml_text

LINES = "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10))
BOMB = "a0: &a0 [x]\n" + LINES
KEYED = BOMB.replace("[", "{k: [").replace("]", "]}")


@pytest.mark.parametrize(
    "text", [BOMB, KEYED, "a: &a [*a]", "a: &a {b: *a}", "[" * 5000 + "]" * 5000]
)
def test_aliases_that_expand_too_much_are_refused(text: str) -> None:
    with pytest.raises(yaml.YAMLError, match=r"values|nest|alias"):
        yaml_text.load(text)


def test_aliases_may_repeat_small_values() -> None:
    text = "base: &base {zone: eu}\nall: [*base, {<<: *base, name: x}]\n"
    assert yaml_text.load(text) == {
        "base": {"zone": "eu"},
        "all": [{"zone": "eu"}, {"zone": "eu", "name": "x"}],
    }


def test_an_empty_document_is_none_and_no_mapping() -> None:
    assert yaml_text.load("# nothing") is None
    with pytest.raises(ValueError, match="mapping"):
        yaml_text.mapping("# nothing")


@pytest.mark.parametrize(
    "text", ["a: 1\n---\nb: 2", "!!python/object/apply:os.system [x]", "a: !x 1"]
)
def test_second_documents_and_tags_are_refused(text: str) -> None:
    with pytest.raises(yaml.YAMLError):
        yaml_text.load(text)


@pytest.mark.parametrize(
    "text",
    [
        "2026-13-45",
        "a: 2026-02-30T00:00:00Z",
        "!!int x",
        "!!int ''",
        "!!float x",
        "!!bool maybe",
        "!!timestamp soon",
        "!!binary é",
        "!!null 1\n---",
        "{[1]: 2}",
        "{{a: 1}: 2}",
        "!!set [1]",
        "!!omap [1]",
        "!!pairs {a: 1}",
        "2026-01-01T00:00:00+99:99",
        "!!int 0x",
        "a: \ud800",
    ],
)
def test_a_value_that_contradicts_its_tag_is_refused(text: str) -> None:
    with pytest.raises(yaml.YAMLError):
        yaml_text.load(text)
