"""The condition of an authorisation rule in words."""

from collections.abc import Mapping
from typing import Any

from gateway.core.level import Level
from gateway.governance.policies.wording import PolicyWording

Node = Mapping[str, Any]
_OPPOSITE = {"==": "!=", "!=": "==", "<=": ">", ">": "<=", ">=": "<", "<": ">="}
_WORDS = {"==": "is", "!=": "is_not", "<=": "most", ">=": "least", "<": "below", ">": "above"}
_LEVELS = frozenset({"context.level", "principal.clearance", "resource.clear", "resource.redacted"})
_LABELS = tuple(level.label for level in Level)


class NotInWords(ValueError):
    """A condition has a form for which there are no words."""


class CedarWords:
    """Conditions in the words of one language."""

    def __init__(self, say: PolicyWording) -> None:
        self._say = say

    def condition(self, body: Node) -> str:
        """The scope and all conditions of a rule; empty where it has none.

        Raises:
            NotInWords: when there are no words for a part of it.
        """
        parts = [
            self._scope(variable, body[variable])
            for variable in ("principal", "resource")
            if body[variable]["op"] != "All"
        ]
        for one in body["conditions"]:
            parts += self._parts(one["body"], holds=one["kind"] == "when")
        return self._say.all_of(parts) if parts else ""

    def _scope(self, variable: str, scope: Node) -> str:
        entities = [scope["entity"]] if "entity" in scope else scope.get("entities")
        if scope["op"] not in {"==", "in"} or not entities:
            raise NotInWords(variable)
        names = self._say.any_of([str(one["id"]) for one in entities])
        return self._say("cedar.is", left=self._say(f"cedar.{variable}"), right=names)

    def _phrase(self, node: Node, *, holds: bool) -> str:
        """A condition that holds, or that does not hold."""
        (form, inner), *more = node.items()
        if more:
            raise NotInWords(form)
        if form == "!":
            return self._phrase(inner["arg"], holds=not holds)
        if form in {"&&", "||"}:
            return self._joined(form, node, holds=holds)
        if form in _WORDS:
            return self._compared(form if holds else _OPPOSITE[form], inner)
        if form == "contains":
            return self._contained(inner, holds=holds)
        if form == "like":
            pattern = "".join(
                "*" if one == "Wildcard" else one["Literal"] for one in inner["pattern"]
            )
            return self._say(
                "cedar.like" if holds else "cedar.unlike",
                left=self._value(inner["left"], ""),
                right=pattern,
            )
        if form == ".":
            return self._say(f"cedar.{_attribute(node)}.{'yes' if holds else 'no'}")
        raise NotInWords(form)

    def _parts(self, node: Node, *, holds: bool) -> list[str]:
        """What must all be so for a condition to hold, or not to hold."""
        chain = "&&" if holds else "||"
        if chain not in node:
            return [self._phrase(node, holds=holds)]
        return [part for one in _flat(chain, node) for part in self._parts(one, holds=holds)]

    def _joined(self, form: str, node: Node, *, holds: bool) -> str:
        if (form == "&&") == holds:
            return self._say.all_of(self._parts(node, holds=holds))
        parts = [self._phrase(part, holds=holds) for part in _flat(form, node)]
        return self._say("cedar.either", parts=self._say.any_of(parts))

    def _compared(self, form: str, inner: Node) -> str:
        left, right = inner["left"], inner["right"]
        about = _attribute(left) or _attribute(right)
        if isinstance(left.get("Value"), str | int) and not isinstance(
            right.get("Value"), str | int
        ):
            left, right = right, left
            form = {"<=": ">=", ">=": "<=", "<": ">", ">": "<"}.get(form, form)
        return self._say(
            f"cedar.{_WORDS[form]}", left=self._value(left, about), right=self._value(right, about)
        )

    def _contained(self, inner: Node, *, holds: bool) -> str:
        left, right = inner["left"], inner["right"]
        if "Set" in left:
            words = "is" if holds else "is_not"
            about = _attribute(right)
            names = self._say.any_of([self._value(one, about) for one in left["Set"]])
            return self._say(f"cedar.{words}", left=self._value(right, about), right=names)
        about = _attribute(left)
        return self._say(
            "cedar.has" if holds else "cedar.has_not",
            left=self._value(left, about),
            right=self._say.name("member", _attribute(right)) or self._value(right, about),
        )

    def _value(self, node: Node, about: str) -> str:
        """An attribute, or a literal that is compared with the attribute ``about``."""
        if attribute := _attribute(node):
            return self._say(f"cedar.{attribute}")
        value = node.get("Value")
        if isinstance(value, dict) and "__entity" in value:
            return str(value["__entity"]["id"])
        if about in _LEVELS and isinstance(value, int) and 0 <= value < len(_LABELS):
            return self._say.name("clearance", _LABELS[value])
        if isinstance(value, str | int):
            return self._say.name("at" if about.endswith("zone") else "kind", value)
        raise NotInWords(about)


def _flat(form: str, node: Node) -> list[Node]:
    """The parts of a chain of one operator."""
    if form not in node:
        return [node]
    return [*_flat(form, node[form]["left"]), *_flat(form, node[form]["right"])]


def _attribute(node: Node) -> str:
    """Its name as ``context.level``; empty for what is no attribute."""
    if "Var" in node:
        return str(node["Var"])
    access = node.get(".")
    if isinstance(access, dict) and "Var" in access.get("left", ()):
        return f"{access['left']['Var']}.{access['attr']}"
    return ""
