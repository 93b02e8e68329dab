"""What a new object is judged against: its last state, and what keys of its team may do already.

Only the control plane asks: gateways have no memory of what was removed, and check records.
"""

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property

import msgspec

from gateway.approvals.objects import Document, Objects
from gateway.approvals.rules import RULES, judge
from gateway.core.objects.effects import Effect
from gateway.core.objects.keys import KEY

# A key that may do nothing: what the first key of a team is judged against.
_NO_RIGHTS: Document = {"models": [""], "purposes": [""]}
_NO_MONEY: Document = {"amount": 0}


def rights_of(kind: str) -> Collection[str]:
    """The fields that a new object is judged by; no person whom it names is one of them."""
    return RULES[kind].fields.keys() - {"owner", "lead"}


_RIGHTS = rights_of(KEY)
_EXPIRES = "expires"
_SameRights = dict[int | None, Document]  # keys by when they end


class GovernedKey(msgspec.Struct, frozen=True):
    """A key among the objects, made once; ``rights`` are all but its end, as JSON."""

    place: tuple[str, str]
    document: Document
    team: str | None
    expires: int | None
    rights: bytes


def governed_key(place: tuple[str, str], document: Document) -> GovernedKey:
    """The key of a document."""
    rights = {name: document[name] for name in _RIGHTS if name in document and name != _EXPIRES}
    as_json = msgspec.json.encode(rights, order="sorted")
    return GovernedKey(place, document, document.get("team"), document.get(_EXPIRES), as_json)


class GovernedState(dict[tuple[str, str], Document]):
    """The governed objects in force, and the last state of each that was removed."""

    def __init__(
        self, objects: Objects, removed: Objects, keys: Sequence[GovernedKey] | None = None
    ) -> None:
        """``keys`` are those among the objects, where they were made before."""
        super().__init__(objects)
        self.removed = removed
        self._keys = keys

    @cached_property
    def rights_by_team(self) -> Mapping[str | None, Mapping[bytes, _SameRights]]:
        """What keys of applications that are not stopped may do: by team, and by all but the end.

        Keys of a team have few kinds of rights, so a new one is not compared with each of them.
        """
        teams: dict[str | None, dict[bytes, _SameRights]] = {}
        keys = self._keys if self._keys is not None else self._made_keys()
        for one in keys:
            kind, name = one.place
            if kind != KEY or ("stop", f"key:{name}") in self:
                continue
            if one.team not in teams:
                teams[one.team] = {}
            same = teams[one.team]
            if one.rights not in same:
                same[one.rights] = {}
            if one.expires not in same[one.rights]:
                same[one.rights][one.expires] = one.document
        return teams

    def _made_keys(self) -> list[GovernedKey]:
        return [
            governed_key(place, document) for place, document in self.items() if place[0] == KEY
        ]


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
    best: tuple[int, Document] | None = None
    for ends in before.rights_by_team.get(team, {}).values():
        rights = _rights(_latest(ends, new), bounded=bounded)
        excess = _excess(rights, new)
        if best is None or excess < best[0]:
            best = excess, rights
    return best[1] if best else _NO_RIGHTS


def _latest(ends: _SameRights, new: Document) -> Document:
    """Of keys with the same rights the first that lasts as long as a new one; else any."""
    wanted = new.get("expires")
    if wanted in ends:
        return ends[wanted]
    for expires, document in ends.items():
        if judge(KEY, _EXPIRES, expires, wanted)[0] is not Effect.WIDENS:
            return document
    return next(iter(ends.values()))


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
