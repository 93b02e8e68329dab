"""Every place of a dialect's field table at which a caller gives a value, and a body that has it.

The places come from ``policies/egress.yaml``, so a new field is one of them at once.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

Body = dict[str, Any]
Put = Callable[[Any], Any]  # from a value to what holds it
TABLE = yaml.safe_load(Path("policies/egress.yaml").read_text(encoding="utf-8"))
_CLOSED = {"one_of", "pinned", "known", "range", "whole", "listed"}
_ASIDE = {"joined", "definition"}  # they say how texts are scanned, not where they are
_UNIONS = {"union", "only"}
_FORMS = {"string", "each", "fields"}


@dataclass(frozen=True, slots=True)
class Field:
    """A place in a request. ``kind`` is its class; ``body`` makes the part of a body with a value.

    A class within a sealed block or within options of engines begins with ``sealed`` or
    ``internal``.
    """

    place: str
    kind: str
    body: Put


class _Walk:
    def __init__(self, beside: Mapping[str, Body]) -> None:
        self._beside = beside

    def fields(self, node: Any, place: str, put: Put, held: str = "") -> Iterator[Field]:
        if isinstance(node, str):
            yield Field(place, held + node, put)
            return
        ((mark, below), *more) = node.items()
        if not more and mark in _CLOSED:
            yield Field(place, held + mark, put)
        elif not more and mark in _ASIDE:
            yield from self.fields(below, place, put, held)
        elif not more and mark in {"sealed", "internal"}:
            yield from self.fields(below, place, put, f"{mark} ")
        elif not more and mark == "sealed_by":
            ((key, fields),) = below.items()
            yield from self._object({key: "opaque", **fields}, place, put, "sealed ")
        elif not more and mark in _UNIONS:
            for kind, fields in below.items():
                yield from self._typed(kind.strip("[]"), fields, place, put, held)
        elif set(node) <= _FORMS:
            for form, rule in node.items():
                inner, there = (_listed(put), "[]") if form == "each" else (put, "")
                there = place + there if isinstance(rule, str) else place
                yield from self.fields(rule, there, inner, held)
        else:
            yield from self._object(node, place, put, held)

    def _typed(self, kind: str, fields: Any, place: str, put: Put, held: str) -> Iterator[Field]:
        place = f"{place}<{kind}>"
        typed = _merged({"type": kind}, put)
        if isinstance(fields, str):
            yield Field(place, held + fields, _named("data", self._with(place, typed)))
        else:
            yield from self.fields(fields, place, typed, held)

    def _object(self, node: Body, place: str, put: Put, held: str) -> Iterator[Field]:
        for name, rule in node.items():
            there = f"{place}.{name}".lstrip(".")
            yield from self.fields(rule, there, _named(name, self._with(there, put)), held)

    def _with(self, place: str, put: Put) -> Put:
        """The object around a field, with what the field needs beside it."""
        return _merged(self._beside.get(place, {}), put)


def fields_of(dialect: str, beside: Mapping[str, Body] | None = None) -> list[Field]:
    """All places of a dialect; ``beside`` has the fields that the field at a place needs too."""
    return list(_Walk(beside or {}).fields(TABLE[dialect], "", lambda body: body))


def _merged(fields: Body, put: Put) -> Put:
    return lambda value: put({**fields, **value})


def _named(name: str, put: Put) -> Put:
    return lambda value: put({name: value})


def _listed(put: Put) -> Put:
    return lambda value: put([value])
