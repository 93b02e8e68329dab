"""Limits on the elements of a body, checked before anything else walks over it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gateway.core.errors import InvalidRequest
from gateway.core.fields.walk import FieldsError
from gateway.core.text import strict_json

_NUMBERS = {"values", "texts", "depth"}


@dataclass(frozen=True, slots=True)
class BodyLimits:
    """What a body may have at most.

    ``values`` counts texts, numbers, lists and objects; ``texts`` counts distinct texts. ``lists``
    maps paths of lists, such as ``messages.content``, to their most elements.
    """

    values: int = 100_000
    texts: int = 8192
    depth: int = 100
    lists: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, node: Any, where: str = "limits") -> "BodyLimits":
        """The limits that policy gives.

        Raises:
            FieldsError: for a name that does not exist, or what is not a positive number.
        """
        if not isinstance(node, dict) or not set(node) <= {*_NUMBERS, "lists"}:
            raise FieldsError(f"{where}: expected values, texts, depth and lists")
        lists = node.get("lists", {})
        if not isinstance(lists, dict):
            raise FieldsError(f"{where}.lists: expected a mapping")
        numbers = {name: node[name] for name in _NUMBERS & set(node)}
        for name, number in {**numbers, **lists}.items():
            if type(number) is not int or number < 1:
                raise FieldsError(f"{where}.{name}: expected a positive whole number")
        return cls(**numbers, lists=lists)

    def parse(self, data: bytes) -> Any:
        """The value of a JSON document within these limits, as ``strict_json`` reads it.

        Raises:
            InvalidRequest: when it is no such document, or passes a limit.
        """
        if self._certainly_passed(data):
            raise _too_many(self.values, "values")
        return strict_json.parse(data, self.check)

    def _certainly_passed(self, data: bytes) -> bool:
        """Whether the bytes alone show too many strings, lists or objects: parsing takes longer."""
        strings = (data.count(b'"') - data.count(b'\\"')) // 2
        if strings > 2 * self.values:  # names of fields are strings too
            return True
        if data.count(b"[") + data.count(b"{") <= self.values:
            return False
        plain = data.replace(rb"\\", b"").replace(rb"\"", b"")
        outside = b"".join(plain.split(b'"')[::2])
        return outside.count(b"[") + outside.count(b"{") > self.values

    def check(self, body: Any) -> None:
        """Stops at the first limit that is passed, so that its own time is bounded too.

        Raises:
            InvalidRequest: names the limit, and the list where it is one.
        """
        level: list[tuple[str, Any]] = [("", body)]
        texts: set[str] = set()
        values = 0
        for _ in range(self.depth):
            below: list[tuple[str, Any]] = []
            for path, value in level:
                if type(value) is str:
                    texts.add(value)
                else:
                    below += self._inside(path, value)
            values += len(level)
            if values + len(below) > self.values:
                raise _too_many(self.values, "values")
            if len(texts) > self.texts:
                raise _too_many(self.texts, "different texts")
            level = below
            if not level:
                return
        raise InvalidRequest(
            f"The body is nested more than {self.depth} levels deep. Send a flatter one.",
            code="request_too_complex",
        )

    def _inside(self, path: str, value: Any) -> list[tuple[str, Any]]:
        if type(value) is list:
            most = min(self.lists.get(path, self.values), self.values)
            if len(value) > most:
                raise _too_many(most, "elements", path)
            return [(path, item) for item in value]
        if type(value) is dict:
            if len(value) > self.values:
                raise _too_many(self.values, "values")
            return [(f"{path}.{name}" if path else name, item) for name, item in value.items()]
        return []


def _too_many(most: int, what: str, path: str = "") -> InvalidRequest:
    place = f"'{path}'" if path else "The body"
    return InvalidRequest(
        f"{place} has more than {most} {what}. Send fewer.",
        code="request_too_complex",
        param=path or None,
    )
