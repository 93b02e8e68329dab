"""From the field table as written to rules."""

from collections.abc import Mapping
from typing import Any

from gateway.core.fields.classes import PLAIN, WORD, Known, OneOf, Pinned
from gateway.core.fields.shapes import Fields, SealedBlock, Shape, Union
from gateway.core.fields.walk import FieldRule, FieldsError

_CLASSES: Mapping[str, FieldRule] = {**PLAIN, "sealed": SealedBlock()}
_MARKS = {"string", "each", "fields"}


def compile_rule(node: Any, where: str = "") -> FieldRule:
    """The rule that a node of the field table describes.

    Raises:
        FieldsError: for a class that does not exist, with its place.
    """
    if isinstance(node, str):
        if node not in _CLASSES:
            raise FieldsError(f"{where}: unknown class {node!r}; known: {', '.join(_CLASSES)}")
        return _CLASSES[node]
    if not isinstance(node, dict):
        raise FieldsError(f"{where}: expected a class name or a mapping")
    if set(node) == {"pinned"}:
        return Pinned(node["pinned"])
    if set(node) == {"one_of"}:
        return OneOf(frozenset(node["one_of"]))
    if set(node) == {"sealed"}:
        return SealedBlock(compile_rule(node["sealed"], f"{where}.sealed"))
    if set(node) == {"union"}:
        kinds = node["union"].items()
        return Union({kind: _variant(fields, f"{where}.{kind}") for kind, fields in kinds})
    if set(node) == {"known"}:
        return Known(frozenset(node["known"]))
    if node and set(node) <= _MARKS:
        return Shape(**{mark: compile_rule(node[mark], f"{where}.{mark}") for mark in node})
    return compile_fields(node, where)


def compile_fields(node: Mapping[str, Any], where: str) -> Fields:
    """The rules of an object; ``node`` maps each field to its class."""
    return Fields({name: compile_rule(item, f"{where}.{name}") for name, item in node.items()})


def _variant(node: Any, where: str) -> FieldRule:
    """One type of a union; the field ``type`` is known without being listed."""
    rule = compile_rule(node, where)
    inner = rule.rule if isinstance(rule, SealedBlock) else rule
    if not isinstance(inner, Fields):
        return rule
    typed = Fields({"type": WORD, **inner.rules})
    return SealedBlock(typed) if isinstance(rule, SealedBlock) else typed
