"""Where keys and items of a YAML file are written."""

from collections.abc import Callable
from typing import Any

import yaml

from gateway.core.text import yaml_text

Lines = Callable[..., int]


def line_of(text: str) -> Lines:
    """What gives the line of a key, or of the item of a list with that id; else of its parent."""
    root, _ = yaml_text.read(text)

    def line(*path: str) -> int:
        node, found = root, 1
        for step in path:
            below = _below(node, step)
            if below is None:
                break
            node, found = below
        return found

    return line


def _below(node: Any, step: str) -> tuple[Any, int] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == step:
                return value, key.start_mark.line + 1
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            named = item.value if isinstance(item, yaml.MappingNode) else ()
            if any(key.value in {"id", "rule"} and value.value == step for key, value in named):
                return item, item.start_mark.line + 1
    return None
