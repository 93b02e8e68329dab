"""Mandates: who acts alone under one, and who may not approve one."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Sequence

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.approvals.lines import Line
from gateway.approvals.mandates import MandateUse, use_of
from gateway.approvals.objects import Objects, document_of
from gateway.approvals.records import TWO, ChangeRecord, digests_of
from gateway.approvals.replay import RecordReplay
from gateway.core.errors import Denied
from gateway.core.objects.keys import KEY
from gateway.core.objects.mandates import MANDATE, OWN_TEAM, Mandate
from gateway.core.snapshot import SignedChange, Snapshot
from gateway.core.text.look_alikes import forms_of
from gateway.governance.actor import Actor
from gateway.governance.changes.basis import Basis

Newest = Callable[[AsyncConnection], Awaitable[Snapshot | None]]
_OWN = "You would act alone under this mandate: a person who does not have it must approve it."


class ActingAlone:
    """Finds the mandate within which a person makes a change alone."""

    def __init__(self, newest: Newest, *, wall: Callable[[], float]) -> None:
        """``newest`` gives the signed snapshot in force; ``wall`` is epoch seconds."""
        self._newest = newest
        self._wall = wall

    async def basis(
        self,
        connection: AsyncConnection,
        before: Objects,
        after: Objects,
        lines: Sequence[Line],
        actor: Actor,
    ) -> Basis | None:
        """The ground of a change whose widening lines one mandate covers; None without one.

        A mandate counts while the database and the signed snapshot both hold it, and its records
        prove who gave it: a row gives none.
        """
        signed = await self._newest(connection) if actor.proven else None
        for mandate in signed.mandates if signed else []:
            if before.get((MANDATE, mandate.name)) != document_of(mandate):
                continue
            use = use_of(mandate, lines, after)
            if (
                _has_for(actor, mandate, use, lines)
                and _is_bounded(before, use, lines)
                and self._is_within(use, lines, after)
            ):
                basis = Basis.under(actor, mandate)
                if signed and self._is_proven(signed, basis, use, lines):
                    return basis
        return None

    def _is_within(self, use: MandateUse, lines: Sequence[Line], after: Objects) -> bool:
        """Whether each object that a change widens lies within one grant afterwards."""
        widened: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        for line in lines:
            if line.widens:
                widened[line.kind, line.name].add(line.field)
        return all(
            use.bounds(*place, after.get(place, {}), fields, self._wall())
            for place, fields in widened.items()
        )

    def _is_proven(
        self, signed: Snapshot, basis: Basis, use: MandateUse, lines: Sequence[Line]
    ) -> bool:
        """Whether gateways will accept it: the records in the signed snapshot say so."""
        record = ChangeRecord(
            signed.number + 1,
            self._wall(),
            MANDATE,
            digests_of(lines),
            basis.author,
            mandate=use,
        )
        replay = RecordReplay({}, [*_records_of(signed.changes, use), record], 0, one_person=False)
        return all(replay.holds(record, line) for line in lines if line.widens)


def check_not_own(actor: Actor, basis: Basis, lines: Iterable[Line], after: Objects) -> None:
    """Check that who approves a mandate does not have it.

    Raises:
        Denied: when the approver does.
    """
    if basis.name != TWO:
        return
    for line in lines:
        document = after.get((MANDATE, line.name), {}) if line.kind == MANDATE else {}
        holder, role = document.get("holder"), document.get("role")
        own = forms_of(actor.barred_names | actor.proven)
        if line.widens and (
            (holder and forms_of([holder]) & own) or (role and _has_role(actor, role))
        ):
            raise Denied(_OWN)


def has_mandate(actor: Actor, mandate: Mandate) -> bool:
    """Whether a person has a mandate: by a name that a sign-on or a vouched key proves."""
    if not actor.proven or actor.acts_for:
        return False
    if mandate.holder:
        return mandate.holder.casefold() in actor.proven
    return _has_role(actor, mandate.role or "")


def _has_for(actor: Actor, mandate: Mandate, use: MandateUse, lines: Sequence[Line]) -> bool:
    """Whether a person has a mandate for what a change widens."""
    teams = {use.team_of(line.kind, line.name) for line in lines if line.widens}
    return has_mandate(actor, mandate) and (mandate.role != OWN_TEAM or teams <= actor.leads)


def _has_role(actor: Actor, role: str) -> bool:
    return role in actor.roles or (role == OWN_TEAM and bool(actor.leads))


def _is_bounded(before: Objects, use: MandateUse, lines: Sequence[Line]) -> bool:
    """Whether the team of a key with a budget has one too: keys with budgets add up."""
    teams = {
        use.team_of(line.kind, line.name)
        for line in lines
        if line.widens and line.kind == KEY and line.field == "budget"
    }
    return all("budget" in before.get(("team", str(team)), {}) for team in teams)


def _records_of(changes: Iterable[SignedChange], use: MandateUse) -> list[ChangeRecord]:
    """The records of a mandate and of the teams of keys, of a snapshot that was verified."""
    named = [f'"{MANDATE}/{use.mandate.name}/', *(f'"{KEY}/{name}/team"' for name in use.teams)]
    return [
        msgspec.json.decode(one.document, type=ChangeRecord)
        for one in changes
        if any(text in one.document for text in named)
    ]
