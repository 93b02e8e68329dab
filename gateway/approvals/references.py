"""What a new object is judged against: its last state, and what keys of its team may do already.

Only the control plane asks: gateways have no memory of what was removed, and check records.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property

from gateway.approvals.objects import KEY, Document, Objects
from gateway.approvals.rules import RULES, Effect, judge

# A key that may do nothing: what the first key of a team is judged against.
_NO_RIGHTS: Document = {"models": [""], "purposes": [""]}
_RIGHTS = [name for name, rule in RULES[KEY].fields.items() if rule.power != "key.owner"]


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
    return _closest(before.keys_by_team.get(new.get("team"), ()), new)


def _closest(keys: Iterable[Document], new: Document) -> Document:
    """The rights of the key that a new one exceeds in the fewest fields."""
    return min(map(_rights, keys), key=lambda key: _excess(key, new), default=_NO_RIGHTS)


def _rights(key: Document) -> Document:
    """What counts of a key. One that may use every model names those that it is not rerouted to."""
    left_out = () if key.get("models") else ("strict",)
    return {name: key[name] for name in _RIGHTS if name in key and name not in left_out}


def _excess(key: Document, new: Document) -> int:
    return sum(
        judge(KEY, name, key.get(name), new.get(name))[0] is Effect.WIDENS for name in _RIGHTS
    )
