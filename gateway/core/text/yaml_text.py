"""YAML as plain values, read by the parser in C: it is eight times as fast, which shortens starts.

An alias repeats another part of the document, which may hold aliases: ten lines can expand to a
billion values. A document may hold a million values, each repetition counted.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import yaml

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # some systems build PyYAML without C
_MAX_VALUES = 1_000_000
_VALUE_ERRORS = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


def load(text: str) -> Any:
    """Returns the value of a document; None for an empty one.

    Raises:
        yaml.YAMLError: with the position of the error.
    """
    return read(text)[1]


def read(text: str) -> tuple[yaml.Node | None, Any]:
    """Returns a document as nodes, which have positions in the text, and as its value.

    Raises:
        yaml.YAMLError: as ``load``.
    """
    try:
        loader = _LOADER(text)
    except UnicodeEncodeError as error:
        raise yaml.YAMLError("the document holds half a character") from error
    try:
        root = loader.get_single_node()
        if root is None:
            return None, None
        if _size(root, {}) > _MAX_VALUES:
            raise yaml.YAMLError(
                f"the document holds more than {_MAX_VALUES} values, aliases counted"
            )
        return root, loader.construct_document(root)
    except RecursionError as error:  # also from an alias to its own node
        raise yaml.YAMLError("the document is nested too deeply") from error
    except _VALUE_ERRORS as error:  # a month 13, or !!int before a text
        raise yaml.YAMLError(f"a value is not what it looks like or is called: {error}") from error
    finally:
        loader.dispose()


def mapping(text: str) -> dict[str, Any]:
    """Returns the value of a document that is a mapping.

    Raises:
        ValueError: when it is not a mapping, or not YAML.
    """
    try:
        value = load(text)
    except yaml.YAMLError as error:
        raise ValueError(f"not valid YAML: {error}") from error
    if not isinstance(value, dict):
        raise ValueError("must be a mapping of names to values")  # noqa: TRY004
    return value


def _size(node: yaml.Node, known: dict[int, int]) -> int:
    """Returns how many values a node expands to; a node that aliases share is counted once."""
    size = known.get(id(node))
    if size is None:
        below = node.value if isinstance(node, yaml.CollectionNode) else ()
        parts = (part for item in below for part in (item if isinstance(item, tuple) else (item,)))
        size = known[id(node)] = 1 + sum(_size(part, known) for part in parts)
    return size


def words(node: Mapping[str, Any], key: str, default: Iterable[str] = ()) -> tuple[str, ...]:
    """Returns the list of words under a key, or the default where the key is left out.

    A word without a list would read as a list of its letters, so it is refused.

    Raises:
        ValueError: names the key.
    """
    given = node.get(key)
    if given is None:
        return tuple(default)
    if not isinstance(given, list | tuple):
        raise ValueError(f"{key} must be a list")  # noqa: TRY004  # callers name what is wrong
    return tuple(map(str, given))
