"""What a field of a governed object declares beside its type, as metadata of ``Annotated``.

A value that a person states is checked against bounds, checks and choices: pydantic asks them for
their schema, which is plain data. What was stored passed them once, and is read as it is.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import Enum
from functools import cache
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import msgspec

from gateway.core.objects.effects import Judge

Schema = dict[str, Any]  # of pydantic-core
Handler = Callable[[Any], Schema]


@dataclass(frozen=True, slots=True)
class Label:
    """What the field means, in English and in Dutch, for forms and the reference."""

    en: str
    nl: str


@dataclass(frozen=True, slots=True)
class Bounds:
    """Bounds of a number, the length of a text or list, and the pattern of a text."""

    at_least: float | None = None
    above: float | None = None
    at_most: float | None = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None

    def __get_pydantic_core_schema__(self, source: Any, handler: Handler) -> Schema:
        """The schema of the type, with these bounds."""
        schema = handler(source)
        bounded = schema
        while bounded["type"].startswith("function-"):
            bounded = bounded["schema"]
        stated = {
            "ge": self.at_least,
            "gt": self.above,
            "le": self.at_most,
            "min_length": self.min_length,
            "max_length": self.max_length,
            "pattern": self.pattern,
        }
        bounded |= {name: value for name, value in stated.items() if value is not None}
        if bounded["type"] == "float":
            bounded["allow_inf_nan"] = False
        return schema


@dataclass(frozen=True, slots=True)
class Choice:
    """The only texts that are accepted."""

    values: tuple[str, ...]

    def __get_pydantic_core_schema__(self, source: Any, handler: Handler) -> Schema:
        """One of these texts."""
        del source, handler
        return {"type": "literal", "expected": list(self.values)}


@dataclass(frozen=True, slots=True)
class Read:
    """Turns what a person writes into the form that is checked; a ValueError refuses it."""

    run: Callable[[Any], Any]

    def __get_pydantic_core_schema__(self, source: Any, handler: Handler) -> Schema:
        """Read first, then the schema of the type."""
        return _around("function-before", self.run, handler(source))


@dataclass(frozen=True, slots=True)
class Checked:
    """Checks a value of the right form and gives it back; a ValueError refuses it."""

    run: Callable[[Any], Any]

    def __get_pydantic_core_schema__(self, source: Any, handler: Handler) -> Schema:
        """The schema of the type first, then the check."""
        return _around("function-after", self.run, handler(source))


@dataclass(frozen=True, slots=True)
class StatedAs:
    """The type in which a person states the value, where it is kept in another one."""

    type: Any


class Mark(Enum):
    """``DERIVED`` fields are set by the product, and no person states them.

    A ``CREDENTIAL`` is a reference to a secret, which no document holds. ``OPTIONAL`` may be left
    out, although an object always has it.
    """

    DERIVED = "derived"
    CREDENTIAL = "credential"
    OPTIONAL = "optional"


@dataclass(frozen=True, slots=True)
class ChangeRule:
    """How a change of the field is judged, and the power that a widening needs.

    ``default`` is the value of an object without the field. With ``kind`` the rule is for objects
    of that kind, where two share a structure. Values that ``end`` use narrow every other one.
    """

    power: str
    judge: Judge
    default: Any = None
    kind: str = ""
    end: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Harmless:
    """One person may make every change of the field, for this reason."""

    reason: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class DeclaredField:
    """A field of a structure with all that it declares; ``type`` is without the metadata."""

    name: str
    type: Any
    required: bool
    default: Any
    declared: tuple[Any, ...]

    def label(self) -> Label | None:
        """Its text for people."""
        return next((one for one in self.declared if isinstance(one, Label)), None)

    def marked(self, mark: Mark) -> bool:
        """Whether it has this mark."""
        return mark in self.declared

    @property
    def is_credential(self) -> bool:
        """Whether its value is a reference to a credential, if it has one."""
        return self.marked(Mark.CREDENTIAL) or (
            is_union(self.type)
            and any(Mark.CREDENTIAL in get_args(part) for part in get_args(self.type))
        )

    def rule(self, kind: str) -> ChangeRule | None:
        """Its rule in objects of a kind; that of the kind itself comes first."""
        rules = [
            one for one in self.declared if isinstance(one, ChangeRule) and one.kind in ("", kind)
        ]
        return max(rules, key=lambda one: bool(one.kind), default=None)

    def harmless(self, kind: str) -> Harmless | None:
        """Why one person may change it in objects of a kind."""
        of = (one for one in self.declared if isinstance(one, Harmless) and one.kind in ("", kind))
        return next(of, None)


@cache
def fields_of(struct: type[msgspec.Struct]) -> tuple[DeclaredField, ...]:
    """The fields of a structure, in the order of their declaration."""
    found = []
    for one in msgspec.structs.fields(struct):
        kept, *declared = get_args(one.type) if _is_annotated(one.type) else (one.type,)
        default = one.default
        if one.default_factory is not msgspec.NODEFAULT:
            default = one.default_factory()
        found.append(DeclaredField(one.name, kept, one.required, default, tuple(declared)))
    return tuple(found)


def is_union(declared: Any) -> bool:
    """Whether a type is one of several, such as an optional one."""
    return get_origin(declared) in (Union, UnionType)


def _around(kind: str, run: Callable[[Any], Any], schema: Schema) -> Schema:
    return {"type": kind, "function": {"type": "no-info", "function": run}, "schema": schema}


def _is_annotated(declared: Any) -> bool:
    return get_origin(declared) is Annotated
