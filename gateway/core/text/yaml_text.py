"""YAML as plain values, read by the parser in C: eight times as fast, which each start notices.

An alias may repeat what stands elsewhere, and what it repeats may hold aliases: ten lines can stand for a
billion values. A document may not hold more than a million, each repetition counted.
"""

from typing import Any

import yaml

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # some systems build PyYAML without C
_MOST = 1_000_000
_MISFITS = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


def load(text: str) -> Any:
    """The value of a document; None for an empty one.

    Raises:
        yaml.YAMLError: says where the document is wrong.
    """
    return read(text)[1]


def read(text: str) -> tuple[yaml.Node | None, Any]:
    """A document as nodes, which know where in the text they stand, and as its value.

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
        if _size(root, {}) > _MOST:
            raise yaml.YAMLError(f"the document holds more than {_MOST} values, aliases counted")
        return root, loader.construct_document(root)
    except RecursionError as error:  # also of what holds an alias to itself
        raise yaml.YAMLError("the document is nested too deeply") from error
    except _MISFITS as error:  # a month 13, or !!int before what is none
        raise yaml.YAMLError(f"a value is not what it looks like or is called: {error}") from error
    finally:
        loader.dispose()


def mapping(text: str) -> dict[str, Any]:
    """The value of a document that is a mapping.

    Raises:
        ValueError: when it is anything else, or no YAML.
    """
    try:
        value = load(text)
    except yaml.YAMLError as error:
        raise ValueError(f"not valid YAML: {error}") from error
    if not isinstance(value, dict):
        raise ValueError("must be a mapping, as in the policies that ship")  # noqa: TRY004
    return value


def _size(node: yaml.Node, known: dict[int, int]) -> int:
    """How many values a node stands for; a node that aliases share is looked at once."""
    size = known.get(id(node))
    if size is None:
        below = node.value if isinstance(node, yaml.CollectionNode) else ()
        parts = (part for item in below for part in (item if isinstance(item, tuple) else (item,)))
        size = known[id(node)] = 1 + sum(_size(part, known) for part in parts)
    return size
