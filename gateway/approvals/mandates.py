"""The use of a mandate: what one person widened alone within bounds of two persons."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from gateway.approvals.lines import Line
from gateway.approvals.objects import Document, Objects, digest_of, document_of
from gateway.approvals.rules import RULES
from gateway.core.days import end_of_day
from gateway.core.objects.keys import KEY
from gateway.core.objects.mandates import EXPIRES, Mandate, Widest, is_within

_DAY_S = 86_400


class MandateUse(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The mandate of a change as it was then; ``teams`` are those of the keys, by their id."""

    mandate: Mandate
    teams: dict[str, str] = {}

    def team_of(self, kind: str, name: str) -> str | None:
        """The team to which an object belongs."""
        if kind == "team":
            return name
        return self.teams.get(name) if kind == KEY else None

    def covers(self, kind: str, name: str, field: str, value: Any, at: float) -> bool:
        """Whether the new value of a field lies within it; ``at`` is when, in epoch seconds."""
        mandate, team = self.mandate, self.team_of(kind, name)
        if (
            team is None
            or at >= end_of_day(mandate.until)
            or bool(mandate.holder) == bool(mandate.role)
        ):
            return False
        stated = _stated(kind, field, value, at)
        return any(
            grant["kind"] == kind
            and team in grant["teams"]
            and is_within(kind, field, grant["most"].get(field), stated)
            for grant in self.document["grants"]
        )

    def bounds(self, kind: str, name: str, document: Document, fields: set[str], at: float) -> bool:
        """Whether one grant names these fields of an object, and bounds all of it that it names.

        Grants do not add up: not in one change, nor in one after another. A bound of a field holds
        also where the object states no value.
        """
        stated = {
            one: _stated(kind, one, document.get(one), at) for one in Widest.__struct_fields__
        }
        return any(
            grant["kind"] == kind
            and self.team_of(kind, name) in grant["teams"]
            and fields <= grant["most"].keys()
            and all(is_within(kind, one, most, stated[one]) for one, most in grant["most"].items())
            for grant in self.document["grants"]
        )

    @property
    def document(self) -> dict[str, Any]:
        """The mandate as the governed object."""
        return document_of(self.mandate)

    def text(self) -> str:
        """It for entries of the trail: with the digest, and what the bounds were."""
        shown = {"digest": digest_of(self.document), "teams": self.teams, **self.document}
        return msgspec.json.encode(shown, order="sorted").decode()


def use_of(mandate: Mandate, lines: Iterable[Line], after: Objects) -> MandateUse:
    """The use of a mandate for lines that lead to a state."""
    keys = {line.name for line in lines if line.kind == KEY}
    teams: dict[str, Any] = {name: after.get((KEY, name), {}).get("team") for name in keys}
    return MandateUse(mandate, {name: team for name, team in sorted(teams.items()) if team})


def _stated(kind: str, field: str, value: Any, at: float) -> Any:
    """The value that a bound is compared with: the default, and days for a moment."""
    rules: Mapping[str, Any] = RULES[kind].fields
    if value is None and field in rules:
        value = rules[field].default
    return (value - at) / _DAY_S if field == EXPIRES and value is not None else value
