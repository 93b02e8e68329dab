"""A key that a YAML file has twice silently replaces the first."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

pytestmark = pytest.mark.unit
ROOT = Path(__file__).resolve().parents[2]
FILES = sorted(
    path for folder in ("gateway", "admin", "policies") for path in (ROOT / folder).rglob("*.yaml")
)


def repeated(node: yaml.Node | None) -> Iterator[str]:
    if isinstance(node, yaml.MappingNode):
        seen = set[str]()
        for key, value in node.value:
            if str(key.value) in seen:
                yield f"{key.value} in line {key.start_mark.line + 1}"
            seen.add(str(key.value))
            yield from repeated(value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from repeated(item)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_key_is_there_twice(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not [one for node in yaml.compose_all(text, yaml.SafeLoader) for one in repeated(node)]
