"""Lines: the difference between two states of the governed objects, a field a line."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from gateway.approvals.objects import Document, Objects, digest_of, plain
from gateway.approvals.references import reference_of
from gateway.approvals.rules import judge, judge_removal
from gateway.core.objects.effects import Effect
from gateway.core.objects.kinds import UNGOVERNED
from gateway.core.objects.use_cases import STARTS

OBJECT = ""  # the field of a line that is about an object as a whole
_SECRET = frozenset({"digest"})  # of keys: the keyed hash of a secret
_SHOWN_DIGEST = 12


@dataclass(frozen=True, slots=True)
class Line:
    """One changed field of one object; ``power`` is set where another person must approve."""

    kind: str
    name: str
    field: str
    before: Any
    after: Any
    effect: Effect
    power: str | None = None
    label: str = ""

    @property
    def id(self) -> str:
        """Where the line is: the same for every change of this field."""
        return f"{self.kind}/{self.name}/{self.field}"

    @property
    def digest(self) -> str:
        """The digest of the new value."""
        return digest_of(self.after)

    @property
    def widens(self) -> bool:
        """Whether another person must approve it."""
        return self.effect is Effect.WIDENS

    @property
    def starts(self) -> bool:
        """Whether it starts a use case above minimal risk, or gives one another risk class."""
        return self.widens and f"{self.kind}.{self.field}" == STARTS

    def text(self) -> str:
        """The line as JSON for entries of the trail, secrets as short digests."""
        shown = {
            "object": f"{self.kind} {self.label or self.name}",
            "field": self.field,
            "before": self._shown(self.before),
            "after": self._shown(self.after),
            "power": self.power,
        }
        return msgspec.json.encode(shown).decode()

    def describe(self) -> str:
        """The line for people: ``provider eu: zone: global -> internal``."""
        place = f"{self.kind} {self.label or self.name}"
        if self.field == OBJECT:
            return f"{place}: deleted"
        before, after = self._plain(self.before), self._plain(self.after)
        return f"{place}: {self.field}: {before} -> {after}"

    def _shown(self, value: Any) -> Any:
        if self.field in _SECRET and isinstance(value, str) and self.kind.endswith("key"):
            return value[:_SHOWN_DIGEST]
        return value

    def _plain(self, value: Any) -> str:
        shown = self._shown(value)
        if shown is None:
            return "(none)"
        return shown if isinstance(shown, str) else msgspec.json.encode(shown).decode()


def lines_between(before: Objects, after: Objects) -> list[Line]:
    """Every changed field, sorted by object; deleted objects are one line each."""
    lines: list[Line] = []
    for place in _changed(before, after):
        new = after.get(place)
        lines += lines_of(place, before.get(place), new, reference_of(before, place, new))
    return lines


def _changed(before: Objects, after: Objects) -> list[tuple[str, str]]:
    """Where two states differ. It calls nothing for what is the same: most of a state is."""
    places = [
        place
        for place, new in after.items()
        if place not in before or (new is not before[place] and new != before[place])
    ]
    places += [place for place in before if place not in after]
    return sorted(places)


def lines_of(
    place: tuple[str, str],
    old: Document | None,
    new: Document | None,
    reference: Document | None = None,
) -> Iterator[Line]:
    """The lines of one object; None where it does not exist.

    A new object may not exceed its ``reference`` either, where there is one.
    """
    kind, name = place
    label = str((new or old or {}).get("name", ""))
    if new is None:
        effect, power = judge_removal(kind, old or {})
        yield Line(kind, name, OBJECT, old, None, effect, power, label)
        return
    old, new, bounds = plain(old or {}), plain(new), plain(reference or {})
    for field in sorted({*old, *new, *bounds} - UNGOVERNED):
        was, now = old.get(field), new.get(field)
        effect, power = judge(kind, field, was, now) if was != now else (Effect.NARROWS, None)
        if reference is not None:
            # Effects are ordered: the stricter judgement counts.
            effect, power = max(
                (effect, power), judge(kind, field, bounds.get(field), now), key=lambda one: one[0]
            )
        if was != now or effect is Effect.WIDENS:
            yield Line(kind, name, field, was, now, effect, power, label)


def powers_of(lines: Iterable[Line]) -> list[str]:
    """The powers that lines need, sorted."""
    return sorted({line.power for line in lines if line.power})
