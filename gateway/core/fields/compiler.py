"""From the field table as written to rules."""

from collections.abc import Callable, Mapping
from typing import Any

from gateway.core.fields.classes import DROPPED, PLAIN, WORD, Known
from gateway.core.fields.closed import (
    Bounded,
    Listed,
    OneOf,
    Pinned,
    SeedClass,
    TokenBiasClass,
)
from gateway.core.fields.shapes import (
    Fields,
    InternalField,
    Joined,
    SealedBlock,
    SealedField,
    Shape,
    Union,
)
from gateway.core.fields.walk import FieldRule, FieldsError

_CLASSES: Mapping[str, FieldRule] = {
    **PLAIN,
    "seed": SeedClass(),
    "token_bias": TokenBiasClass(),
    "sealed": SealedBlock(),
}
_FORMS = {"string", "each", "fields"}


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
    if len(node) == 1:
        ((mark, given),) = node.items()
        if mark in _MARKED:
            return _MARKED[mark](given, f"{where}.{mark}")
    if node and set(node) <= _FORMS:
        return Shape(**{form: compile_rule(node[form], f"{where}.{form}") for form in node})
    return compile_fields(node, where)


def compile_fields(node: Mapping[str, Any], where: str) -> Fields:
    """The rules of an object; ``node`` maps each field to its class."""
    return Fields({name: compile_rule(item, f"{where}.{name}") for name, item in node.items()})


def _union(kinds: Mapping[str, Any], where: str) -> Union:
    """The types of a union; ``[type]`` is that of objects without one."""
    default = next((kind.strip("[]") for kind in kinds if kind.startswith("[")), None)
    return Union(_variants(kinds, where), default)


def _only(kinds: Mapping[str, Any], where: str) -> Union:
    return Union(_variants(kinds, where), next(iter(kinds), None), DROPPED)


def _variants(kinds: Mapping[str, Any], where: str) -> dict[str, FieldRule]:
    return {kind.strip("[]"): _variant(fields, f"{where}.{kind}") for kind, fields in kinds.items()}


def _sealed_by(node: Any, where: str) -> SealedField:
    if not isinstance(node, dict) or len(node) != 1:
        raise FieldsError(f"{where}: expected the name of the opaque field, and all fields")
    ((key, fields),) = node.items()
    return SealedField(key, compile_fields({key: "opaque", **fields}, where))


def _variant(node: Any, where: str) -> FieldRule:
    """One type of a union; the field ``type`` is known without being listed."""
    rule = compile_rule(node, where)
    inner = rule.rule if isinstance(rule, SealedBlock | SealedField) else rule
    if not isinstance(inner, Fields):
        return rule
    typed = Fields({"type": WORD, **inner.rules})
    if isinstance(rule, SealedField):
        return SealedField(rule.key, typed)
    return SealedBlock(typed) if isinstance(rule, SealedBlock) else typed


# What a mapping with this one key describes.
_MARKED: Mapping[str, Callable[[Any, str], FieldRule]] = {
    "pinned": lambda value, _: Pinned(value),
    "one_of": lambda values, _: OneOf(frozenset(values)),
    "listed": lambda values, _: Listed(frozenset(values)),
    "known": lambda kinds, _: Known(frozenset(kinds)),
    "range": lambda bounds, where: Bounded.of(bounds, where, whole=False),
    "whole": lambda bounds, where: Bounded.of(bounds, where, whole=True),
    "joined": lambda fields, where: Joined(compile_rule(fields, where)),
    "definition": lambda fields, where: Joined(compile_rule(fields, where), definition=True),
    "sealed": lambda rule, where: SealedBlock(compile_rule(rule, where)),
    "sealed_by": _sealed_by,
    "internal": lambda rule, where: InternalField(compile_rule(rule, where)),
    "union": _union,
    "only": _only,
}
