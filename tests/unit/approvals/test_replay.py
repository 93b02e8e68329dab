"""A gateway that starts refuses what a running one refuses, whatever the field, and no more."""

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.approvals import records
from gateway.approvals.lines import lines_between
from gateway.approvals.objects import Document, Objects
from gateway.approvals.records import ChangeRecord
from gateway.approvals.references import GovernedState
from gateway.approvals.replay import unexplained
from gateway.core.objects.declare import DeclaredField
from gateway.core.objects.mandates import MANDATE
from tests.support.judged_values import FIELDS, MONEY, values_of

NAME = "issuer/person"  # names may hold what separates the parts of a line
ONE_FIELD = {"stop", "cut_off", "setting", "terms"}  # kinds that are not there without a value


def state(kind: str, field: str, value: Any) -> dict[tuple[str, str], dict[str, Any]]:
    """One object with a value, with none, or no object (``...``), beside another."""
    other = {("policy", "bundle"): {"digest": "p"}}
    if value is ... or (value is None and kind in ONE_FIELD):
        return other
    return {**other, (kind, NAME): {} if value is None else {field: value}}


class History:
    """The states of an installation and the record of each change, by those whom it needs."""

    def __init__(self) -> None:
        self.states: list[Objects] = [{}]
        self.records: list[ChangeRecord] = []
        self.removed: dict[tuple[str, str], Document] = {}

    def change(self, after: Objects) -> None:
        before = self.states[-1]
        lines = lines_between(GovernedState(before, self.removed), after)
        if not lines:
            return
        self.removed |= {place: before[place] for place in before.keys() - after.keys()}
        alone = not any(line.widens for line in lines)
        # One person may decide while there is no other, but gives no mandate.
        needed = records.TWO if lines[0].kind == MANDATE else records.ALONE
        self.states.append(after)
        self.records.append(
            ChangeRecord(
                number=len(self.records) + 1,
                at=0.0,
                basis=records.ONE if alone else needed,
                lines=records.digests_of(lines),
                author="anna",
                approver="bob",
            )
        )

    def refuses(self, after: Objects, *, since: int) -> bool:
        """Whether a gateway with that state refuses another one; with none, one that starts."""
        lines = unexplained(self.states[since], after, self.records, since=since, one_person=True)
        return bool(lines)


@pytest.mark.parametrize(
    ("kind", "declared"), FIELDS, ids=[f"{kind}.{field.name}" for kind, field in FIELDS]
)
@given(data=st.data())
@settings(max_examples=40)
def test_a_start_refuses_what_a_running_gateway_refuses(
    kind: str, declared: DeclaredField, data: st.DataObject
) -> None:
    field = declared.name
    values = [..., *([] if declared.required else [None]), *values_of(kind, field)]
    history = History()
    for value in data.draw(st.lists(st.sampled_from(values), min_size=1, max_size=6)):
        history.change(state(kind, field, value))
    last = len(history.records)
    for since in (0, max(0, last - 1), last):
        assert not history.refuses(history.states[-1], since=since)
    for value in values:
        forged = state(kind, field, value)
        if history.refuses(forged, since=last):
            assert history.refuses(forged, since=0), value


def test_a_record_of_one_person_does_not_raise_a_budget_at_a_start() -> None:
    """The key that signs records makes no second person."""
    history = History()
    for amount in (1, 2):
        history.change(state("team", "budget", {**MONEY[0], "amount": amount}))
    assert not history.refuses(history.states[-1], since=0)
    (given_by_one,) = history.records[1:]
    history.records[1] = msgspec.structs.replace(given_by_one, basis=records.ONE)
    for since in (0, 1):
        assert history.refuses(history.states[-1], since=since)


def test_an_end_of_use_that_no_record_holds_stops_no_start() -> None:
    """A state that was refused still stops what it withdraws."""
    history = History()
    history.change(state("model", "state", "approved"))
    for since in (0, 1):
        assert not history.refuses(state("model", "state", "quarantined"), since=since)
