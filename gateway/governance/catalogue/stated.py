"""What a person may state about a governed object: pydantic models, from the declarations.

A model accepts the fields that its structure declares, except for those that the product derives,
within their bounds. What it has accepted becomes the structure.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cache
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

import msgspec
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    create_model,
    field_validator,
)
from pydantic_core import CoreSchema, core_schema

from gateway.core.objects import declare
from gateway.core.objects.declare import Mark, StatedAs
from gateway.core.objects.value import SnapshotValue

T = TypeVar("T")
S = TypeVar("S", bound=SnapshotValue)
_CONTROL = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f]"
)  # neither a database nor a header takes them


class Node(BaseModel):
    """A part of the file, without unknown keys and control characters."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @field_validator("*")
    @classmethod
    def _printable(cls, value: Any) -> Any:
        if any(_CONTROL.search(text) for text in _texts(value)):
            raise ValueError("holds a control character")
        return value


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from _texts([*value.keys(), *value.values()])
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)


class FromDeclaration:
    """Metadata of a pydantic field whose type is a structure, without some of its fields."""

    def __init__(self, *without: str) -> None:
        self._without = frozenset(without)

    def __get_pydantic_core_schema__(
        self, source: type[SnapshotValue], handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Pydantic's: the schema of the derived model, whose result is the structure."""
        return core_schema.no_info_after_validator_function(
            _maker(source),
            handler.generate_schema(model_of(source, self._without)),
            serialization=core_schema.plain_serializer_function_ser_schema(msgspec.to_builtins),
        )


Stated = Annotated[T, FromDeclaration()]


@cache
def model_of(struct: type[SnapshotValue], without: Collection[str] = frozenset()) -> type[Node]:
    """The model of what a person states about a structure, without some of its fields."""
    fields: dict[str, Any] = {
        one.name: (_stated_type(one), ... if _needed(one) else Field(default=None))
        for one in declare.fields_of(struct)
        if not one.marked(Mark.DERIVED) and one.name not in without
    }
    name = f"{struct.__name__}Body" if without else struct.__name__
    return create_model(name, __base__=Node, __doc__=struct.__doc__, **fields)


def structure(struct: type[S], stated: Node) -> S:
    """The structure of an accepted model; what was left out, or null, is as its default.

    What an object must have and a model leaves out is an empty text.

    Raises:
        ValueError: when its fields do not go together.
    """
    given = {name: getattr(stated, name) for name in stated.model_fields_set}
    unnamed = {one.name: "" for one in declare.fields_of(struct) if one.required}
    made = struct(**unnamed | {name: one for name, one in given.items() if one is not None})
    made.check()
    return made


def _maker(struct: type[S]) -> Callable[[Node], S]:
    def make(stated: Node) -> S:
        return structure(struct, stated)

    return make


def _needed(field: declare.DeclaredField) -> bool:
    return field.required and not field.marked(Mark.OPTIONAL)


def _stated_type(field: declare.DeclaredField) -> Any:
    """The type of a field of a model; what is empty or nothing by default may be null too."""
    other = next((one for one in field.declared if isinstance(one, StatedAs)), None)
    checked = _accepted(other.type if other else field.type)
    if field.declared:
        checked = Annotated[(checked, *field.declared)]
    may_be_null = not _needed(field) and (field.required or field.default in ("", None))
    return checked | None if may_be_null else checked


def _accepted(declared: Any) -> Any:
    """A declared type, with the models of its structures in their place."""
    origin, parts = get_origin(declared), get_args(declared)
    if origin is Annotated:
        return Annotated[(_accepted(parts[0]), *parts[1:])]
    if declare.is_union(declared):
        return Union[tuple(_accepted(part) for part in parts)]  # noqa: UP007 - made of parts
    if origin in {list, dict}:
        return origin[tuple(_accepted(part) for part in parts)]
    if isinstance(declared, type) and issubclass(declared, SnapshotValue):
        return Annotated[declared, FromDeclaration()]
    return declared
