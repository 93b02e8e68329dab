"""What a new object is judged against: its last state, and what keys of its team may do already.

Only the control plane asks: gateways have no memory of what was removed, and check records.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from functools import cached_property

from gateway.approvals.objects import KEY, Document, Objects
from gateway.approvals.rules import RULES, Effect, judge

# A key that may do nothing: what the first key of a team is judged against.
_NO_RIGHTS: Document = {"models": [""], "purposes": [""]}
_NO_MONEY: Document = {"amount": 0}


def rights_of(kind: str) -> Collection[str]:
    """The fields that a new object is judged by; whom a key belongs to is none of them."""
    return RULES[kind].fields.keys() - {"owner"}


_RIGHTS = rights_of(KEY)


class GovernedState(dict[tuple[str, str], Document]):
    """The governed objects in force, and the last state of each that was removed."""

    def __init__(self, objects: Objects, removed: Objects) -> None:
        super().__init__(objects)
        self.removed = removed

    @cached_property
    def keys_by_team(self) -> Mapping[str | None, list[Document]]:
        """The keys of applications that are not stopped, by team."""
        teams = defaultdict(list)
        for (kind, name), document in self.items():
            if kind == KEY and ("stop", f"key:{name}") not in self:
                teams[document.get("team")].append(document)
        return teams


def reference_of(before: Objects, place: tuple[str, str], new: Document | None) -> Document | None:
    """What a new object may not exceed: its own last state, however old.

    A key without one is judged against the key of its team that it exceeds least. None where the
    object exists, and where ``before`` has no memory.
    """
    if not isinstance(before, GovernedState) or new is None or place in before:
        return None
    if place in before.removed:
        return before.removed[place]
    if place[0] != KEY:
        return None
    return _closest(before, new)


def _closest(before: GovernedState, new: Document) -> Document:
    """The rights of the key of its team that a new one exceeds in the fewest fields."""
    team = new.get("team")
    bounded = "budget" in before.get(("team", str(team)), {})
    rights = (_rights(key, bounded=bounded) for key in before.keys_by_team.get(team, ()))
    return min(rights, key=lambda key: _excess(key, new), default=_NO_RIGHTS)


def _rights(key: Document, *, bounded: bool) -> Document:
    """What a key lends to a new one beside it.

    One that may use every model names those that it is not rerouted to. Its budget is its own: that
    of another key adds to it, unless a budget of the team has ``bounded`` both.
    """
    left_out = () if key.get("models") else ("strict",)
    rights = {name: key[name] for name in _RIGHTS if name in key and name not in left_out}
    if "budget" in rights and not bounded:
        rights["budget"] = {**rights["budget"], **_NO_MONEY}
    return rights


def _excess(key: Document, new: Document) -> int:
    return sum(
        judge(KEY, name, key.get(name), new.get(name))[0] is Effect.WIDENS for name in _RIGHTS
    )
