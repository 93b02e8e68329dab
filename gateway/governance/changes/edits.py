"""Edits of governed objects, and what of them has to wait for another person."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from gateway.approvals.lines import Line, lines_of
from gateway.approvals.objects import Document, Objects, plain
from gateway.approvals.references import reference_of
from gateway.core.objects.effects import Effect
from gateway.core.objects.keys import ADMIN_KEY, KEY

WAITING = 202  # the HTTP status of a call with a part that waits
FILE, RECORD = "file", "record"  # who owns an object: sluis.yaml, or the console and the API
MAX_MINUTES = 72 * 60  # of a break-glass exception
_KEYS = (KEY, ADMIN_KEY)


@dataclass(frozen=True, slots=True)
class Edit:
    """What an object becomes; ``document`` is None to delete it."""

    kind: str
    name: str
    document: Document | None
    source: str = RECORD
    position: int = 0

    @property
    def place(self) -> tuple[str, str]:
        """Kind and name."""
        return self.kind, self.name


class WaitingEdit(msgspec.Struct, frozen=True, omit_defaults=True):
    """The part of an edit that waits: ``fields`` of ``after`` in place of those of ``before``."""

    kind: str
    name: str
    fields: list[str]
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    source: str = RECORD
    position: int = 0

    @property
    def place(self) -> tuple[str, str]:
        """Kind and name."""
        return self.kind, self.name

    def lines(self, before: Objects) -> list[Line]:
        """What it would change of a state."""
        found = lines_of_edit(before, Edit(self.kind, self.name, self.after))
        return [line for line in found if line.field in self.fields]

    def on(self, current: Document | None) -> Edit | None:
        """The edit of the object as it is now; None when it is not what it was."""
        if (current is None) != (self.before is None):
            return None
        then, now, after = self.before or {}, current or {}, self.after
        if any(then.get(name) != now.get(name) for name in self.fields):
            return None
        if after is not None and current is not None:
            kept = {name: value for name, value in now.items() if name not in self.fields}
            after = kept | {name: after[name] for name in self.fields if name in after}
        return Edit(self.kind, self.name, after, self.source, self.position)


class TimedEdits(msgspec.Struct, frozen=True):
    """The document of a break-glass exception: edits for so many minutes, by proposal ``id``."""

    id: str
    minutes: int
    edits: list[WaitingEdit]


@dataclass(slots=True)
class Submitted:
    """What became of a call: descriptions of what is in force, and of what waits in a proposal."""

    applied: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    proposal: str | None = None


@dataclass(slots=True)
class Split:
    """Edits that may act at once, and those that wait."""

    now: list[Edit] = field(default_factory=list)
    waiting: list[WaitingEdit] = field(default_factory=list)


def widens(before: Objects, edits: Iterable[Edit]) -> bool:
    """Whether any of the edits needs another person."""
    return any(line.widens for edit in edits for line in lines_of_edit(before, edit))


def lines_of_edit(before: Objects, edit: Edit) -> list[Line]:
    """What an edit changes."""
    old = before.get(edit.place)
    if old is None and edit.document is None:
        return []
    return list(
        lines_of(edit.place, old, edit.document, reference_of(before, edit.place, edit.document))
    )


def split(before: Objects, edits: Sequence[Edit], *, all_or_nothing: bool = False) -> Split:
    """Divide edits: what only narrows acts at once.

    An object with a field that waits keeps its other new values too, as an address and its
    credential belong together. What refers to something that waits, waits with it.
    """
    done = Split()
    for edit in edits:
        if all_or_nothing or any(line.widens for line in lines_of_edit(before, edit)):
            _divide(done, before, edit, whole=all_or_nothing)
        else:
            done.now.append(edit)
    _hold_back_references(done, before)
    done.now += without_dangling(before, done.now)
    return done


def _divide(done: Split, before: Objects, edit: Edit, *, whole: bool) -> None:
    old, lines = before.get(edit.place), lines_of_edit(before, edit)
    if old is None or edit.document is None:
        fields = [line.field for line in lines]
    else:
        fields = [line.field for line in lines if whole or line.effect is not Effect.NARROWS]
        kept = dict(edit.document)
        for name in fields:
            kept.pop(name, None)
            if name in old:
                kept[name] = old[name]
        if plain(kept) != plain(old):
            done.now.append(Edit(edit.kind, edit.name, kept, edit.source, edit.position))
    if lines:
        done.waiting.append(_waiting(old, edit, fields))


def _waiting(old: Document | None, edit: Edit, fields: list[str]) -> WaitingEdit:
    after = dict(edit.document) if edit.document is not None else None
    before = dict(old) if old is not None else None
    return WaitingEdit(edit.kind, edit.name, fields, before, after, edit.source, edit.position)


def _hold_back_references(done: Split, before: Objects) -> None:
    """Make edits wait that refer to what does not exist yet."""
    new = {edit.place for edit in done.waiting if edit.before is None}
    for edit in list(done.now):
        if edit.document is not None and new & set(_references(edit.kind, edit.document)):
            done.now.remove(edit)
            _divide(done, before, edit, whole=True)


def without_dangling(before: Objects, made: Sequence[Edit]) -> list[Edit]:
    """Edits of objects that stay and refer to what these edits delete."""
    state = after(before, made)
    edits: list[Edit] = []
    for place, document in state.items():
        if place[0] == "deployment" and ("provider", document["provider"]) not in state:
            edits.append(Edit(*place, None))
    state = after(state, edits)
    for place, document in state.items():
        if place[0] == "alias":
            left = [one for one in document["candidates"] if ("deployment", one) in state]
            if left != document["candidates"]:
                edits.append(Edit(*place, {**document, "candidates": left} if left else None))
    return edits


def after(before: Objects, edits: Iterable[Edit]) -> dict[tuple[str, str], Document]:
    """The objects once edits are made."""
    state = dict(before)
    for edit in edits:
        state.pop(edit.place, None)
        if edit.document is not None:
            state[edit.place] = edit.document
    return state


def _references(kind: str, document: Mapping[str, Any]) -> Collection[tuple[str, str]]:
    if kind == "deployment":
        return [("provider", document["provider"])]
    if kind == "alias":
        return [("deployment", one) for one in document["candidates"]]
    if kind in _KEYS:
        teams = [("team", document["team"])] if document.get("team") else []
        purposes = [("use_case", one) for one in document.get("purposes", ())]
        models = [(of, one) for one in document.get("models", ()) for of in ("alias", "deployment")]
        return [*teams, *purposes, *models]
    return []
