"""Replays the records of each line: whether they lead to the value in force, and may."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from gateway.approvals.lines import OBJECT, Line, lines_between, lines_of
from gateway.approvals.mandates import MandateUse
from gateway.approvals.objects import Document, Objects, digest_of
from gateway.approvals.records import BEFORE, TWO, ChangeRecord, decides
from gateway.approvals.rules import RULES, is_harmless, judge, judge_removal
from gateway.core.objects.effects import Effect
from gateway.core.objects.keys import KEY
from gateway.core.objects.mandates import MANDATE
from gateway.core.text.look_alikes import name_forms

MayCount = Callable[[ChangeRecord, str], bool]
_NONE = digest_of(None)
_EMPTY = {_NONE, digest_of({})}  # a value of defaults alone is as good as none


def unexplained(
    before: Objects,
    after: Objects,
    records: Sequence[ChangeRecord],
    *,
    since: int,
    one_person: bool,
    trusting: bool = False,
    may_count: MayCount = lambda _record, _line: True,
) -> list[Line]:
    """The lines that the records after number ``since`` do not explain.

    Narrowing needs none. A state that is judged from nothing must be the one to which all records
    lead: a budget restricts, compared with none, and may still be higher than the approved one.
    ``trusting`` takes the judgement of the release that signed the records for what one person
    changed. ``may_count`` says whether an approval of two persons counts for a line: where it must
    be signed, it is.
    """
    replay = RecordReplay(
        before, records, since, may_count, one_person=one_person, trusting=trusting
    )
    lines = lines_between(before, after)
    if before or trusting:
        return [line for line in lines if line.effect and not replay.explains(line)]
    return [line for line in lines if not replay.leads_to(line)] + [
        line for line in replay.lines_missing(after) if not replay.leads_to(line)
    ]


@dataclass(frozen=True, slots=True)
class _Step:
    """A record in the chain of a line; one that removed the object led to nothing."""

    record: ChangeRecord
    led_to: str  # the digest of the value
    removed: bool

    def is_led_to(self, value: Any) -> bool:
        digest = digest_of(value)
        return self.led_to == digest or {self.led_to, digest} <= _EMPTY


@dataclass(frozen=True, slots=True)
class _Bounds:
    """The records of a mandate that count for one use of it, and what it was before them."""

    since: int
    until: int  # the number of the use
    state: Document | None


class RecordReplay:
    """The records of a snapshot by line, after the number of the state to which they are added."""

    def __init__(
        self,
        before: Objects,
        records: Sequence[ChangeRecord],
        since: int,
        may_count: MayCount = lambda _record, _line: True,
        *,
        one_person: bool,
        trusting: bool = False,
    ) -> None:
        """As of ``unexplained``."""
        self._before = before
        self._since = since
        self._may_count = may_count
        self._one_person = one_person
        self._trusting = trusting
        self._records: defaultdict[str, list[ChangeRecord]] = defaultdict(list)
        newer = [record for record in records if record.number > since]
        for record in sorted(newer, key=lambda one: one.number):
            for line in record.changed:
                self._records[line].append(record)

    def explains(self, line: Line) -> bool:
        """Whether records lead to a value that does more than narrow the one before."""
        chain = self._chain(line)
        if not chain or not chain[-1].is_led_to(line.after):
            return False
        if not line.widens:
            return True
        if self._trusting and not any(self._accepts(step.record, line) for step in chain):
            return True
        return self._walk(chain, line)

    def leads_to(self, line: Line) -> bool:
        """Whether records lead from nothing to a value, as far as there are any."""
        if line.field == OBJECT:
            return not line.widens or self._is_removed(line)
        chain = self._chain(line)
        if not chain:
            return line.effect is Effect.NARROWS
        if chain[-1].is_led_to(line.after):
            return self._walk(chain, line)
        return _ends_use(line)

    def lines_missing(self, after: Objects) -> Iterator[Line]:
        """A line for each field with records that has no value, and each object that is gone."""
        gone = set()
        for one in list(self._records):
            kind, _, rest = one.partition("/")
            name, _, field = rest.rpartition("/")
            if kind not in RULES:
                continue
            if (kind, name) not in after:
                gone.add((kind, name))
            elif field in _governed_fields(kind) and after[kind, name].get(field) in (None, {}):
                yield Line(kind, name, field, None, None, Effect.NARROWS)
        for kind, name in sorted(gone):
            effect, power = judge_removal(kind, self._restricted(kind, name))
            yield Line(kind, name, OBJECT, None, None, effect, power)

    def _chain(self, line: Line) -> list[_Step]:
        """The records of a line, and those that removed its object since, in order."""
        own = self._records.get(line.id, [])
        steps = [_Step(one, one.lines[line.id], removed=False) for one in own]
        if steps and line.field != OBJECT:
            removals = self._records.get(f"{line.kind}/{line.name}/{OBJECT}", [])
            steps += [_Step(one, _NONE, removed=True) for one in removals]
        return sorted(steps, key=lambda step: step.record.number)

    def _walk(self, chain: Sequence[_Step], line: Line) -> bool:
        """Walk back over a chain, whether it ends at a record that decides, or at nothing.

        Each record on the way must begin with the value that the one before it led to, and narrow
        it.
        """
        value = line.after
        for step in reversed(chain):
            if not step.is_led_to(value):
                return False
            if step.removed:
                return not line.widens
            linked = BEFORE + line.id in step.record.lines
            before = step.record.value_before(line.id) if linked else None
            effect = judge(line.kind, line.field, before, value)[0]
            if self._accepts(step.record, replace(line, after=value, effect=effect)):
                return True
            if effect is Effect.WIDENS or not linked:
                return False
            value = before
        return not line.widens and value in (None, {})

    def _accepts(self, record: ChangeRecord, line: Line) -> bool:
        """Whether a record decides on a line, whatever was before it."""
        if is_harmless(line.kind, line.field):
            return True
        if record.basis == MANDATE:
            return self.holds(record, line)
        return decides(record, line, one_person=self._one_person) and (
            record.basis != TWO or self._may_count(record, line.id)
        )

    def holds(self, record: ChangeRecord, line: Line) -> bool:
        """Whether a record under a mandate may give a line its value.

        Two persons gave the mandate before it, it was so and had not ended, and the line is within
        it.
        """
        use = record.mandate
        if use is None or not decides(record, line, one_person=False):
            return False
        bounds = self._bounds_of(use.mandate.name, record.number)
        lines = lines_of((MANDATE, use.mandate.name), bounds.state, use.document)
        return (
            self._is_of_team(use, record.number, line)
            and self._is_newest(use, bounds)
            and all(not one.widens or self._is_given(one, use, bounds) for one in lines)
        )

    def _bounds_of(self, name: str, number: int) -> _Bounds:
        """From where the records of a mandate count: its end, or the state before."""
        since, state = self._since, self._before.get((MANDATE, name))
        for record in self._records.get(f"{MANDATE}/{name}/{OBJECT}", ()):
            if record.number < number:
                since, state = record.number, None
        return _Bounds(since, number, state)

    def _is_newest(self, use: MandateUse, bounds: _Bounds) -> bool:
        """Whether the mandate is as its last records before the use made it."""
        for field in _governed_fields(MANDATE):
            place = f"{MANDATE}/{use.mandate.name}/{field}"
            known = [
                one.lines[place]
                for one in self._records.get(place, ())
                if bounds.since < one.number < bounds.until
            ]
            if known and known[-1] != digest_of(use.document.get(field)):
                return False
        return True

    def _is_given(self, line: Line, use: MandateUse, bounds: _Bounds) -> bool:
        """Whether two persons, neither of whom approved an own mandate, gave a part of it."""
        chain = [
            step
            for step in self._chain(line)
            if bounds.since < step.record.number < bounds.until and not _is_own(step.record, use)
        ]
        return bool(chain) and chain[-1].is_led_to(line.after) and self._walk(chain, line)

    def _is_of_team(self, use: MandateUse, number: int, line: Line) -> bool:
        """Whether a key belonged to the team then."""
        if line.kind != KEY:
            return True
        place, team = f"{KEY}/{line.name}/team", use.team_of(line.kind, line.name)
        known = [one for one in self._records.get(place, ()) if one.number <= number]
        if known:
            return known[-1].lines[place] == digest_of(team)
        return self._before.get((KEY, line.name), {}).get("team") == team

    def _is_removed(self, line: Line) -> bool:
        """Whether the last record of an object removes it, and may."""
        removals = self._records.get(line.id, [])
        prefix = f"{line.kind}/{line.name}/"
        last = max(
            records[-1].number
            for place, records in self._records.items()
            if place.startswith(prefix) and "/" not in place[len(prefix) :]
        )
        return bool(removals) and removals[-1].number == last and self._accepts(removals[-1], line)

    def _restricted(self, kind: str, name: str) -> dict[str, Any]:
        """What records say of the field that makes deleting an object a widening."""
        field = RULES[kind].kind.restricting
        place = f"{kind}/{name}/{field}"
        known = self._records.get(place, []) if field else []
        return {field: True} if known and known[-1].lines[place] not in _EMPTY else {}


def _is_own(record: ChangeRecord, use: MandateUse) -> bool:
    """Whether the holder of a mandate approved it."""
    forms = name_forms(use.mandate.holder or "") - {""}
    return bool(forms & name_forms(record.approver or ""))


def _ends_use(line: Line) -> bool:
    """Whether a value narrows every other one: it goes through although no record holds it."""
    rule = RULES[line.kind].fields.get(line.field)
    return rule is not None and line.after in rule.end


@cache
def _governed_fields(kind: str) -> frozenset[str]:
    return frozenset(field.name for field in RULES[kind].kind.fields())
