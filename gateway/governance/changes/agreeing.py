"""Whether the persons have agreed without whom no use case above minimal risk starts.

Every door passes here, as it is asked of each change within its transaction.
"""

from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Literal

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.approvals import records
from gateway.approvals.agreements import OFFICER, Agreement
from gateway.approvals.lines import Line
from gateway.approvals.objects import Objects
from gateway.approvals.signed import SignedApproval
from gateway.core.errors import Denied
from gateway.core.objects.use_cases import STARTS
from gateway.governance.changes.basis import ApprovalPart, Basis

IsKnown = Callable[[AsyncConnection, str], Awaitable[bool]]


class WaitsFor(msgspec.Struct, frozen=True):
    """Whose approval a change still needs.

    ``kind`` is ``owner``, with the owner and the use case; ``officer``, the officer for data
    protection; or ``approver``, with the power.
    """

    kind: Literal["owner", "officer", "approver"]
    person: str | None = None
    use_case: str | None = None
    power: str | None = None

    def text(self) -> str:
        """It for people."""
        if self.kind == "owner":
            return f"{self.person}, the owner of {self.use_case}"
        if self.kind == "officer":
            return f"an officer for data protection ({OFFICER})"
        return f"another person who may approve {self.power}"


class StillWaits(Exception):
    """An approval counts and is not enough; nothing was changed.

    ``seen`` is how many approvals there were before it.
    """

    def __init__(self, approval: ApprovalPart, missing: Sequence[WaitsFor], seen: int) -> None:
        super().__init__("more persons must approve")
        self.approval = approval
        self.missing = missing
        self.seen = seen


class Agreeing:
    """Asks for the owner and the officer."""

    def __init__(self, is_known: IsKnown) -> None:
        """``is_known`` says whether an active person is called so."""
        self._is_known = is_known

    async def agreement(
        self,
        connection: AsyncConnection,
        after: Objects,
        basis: Basis,
        lines: Sequence[Line],
        signed: SignedApproval | None,
    ) -> Agreement | None:
        """Who agreed, for the record of a change; None where that needs no such persons.

        Raises:
            Denied: when the approver has no part in it, or approved it already.
            StillWaits: when it needs more persons.
        """
        starting = {line.name for line in lines if line.starts}
        approval = basis.approval
        if basis.name != records.TWO or not starting or approval is None:
            return None
        owners = {name: str(after["use_case", name].get("owner", "")) for name in sorted(starting)}
        needed = {line.power for line in lines if line.power}
        _check_author(basis)
        _check_part(approval, owners, needed)
        if any(one.is_same(approval) for one in basis.given):
            raise Denied("You have approved this already: it waits for another person.")
        given = [*basis.given, approval]
        known = {name for name, owner in owners.items() if await self._is_known(connection, owner)}
        agreement, missing = _agreed(given, owners, known, needed)
        if agreement is None:
            part = msgspec.structs.replace(approval, signed=signed)
            raise StillWaits(part, missing, len(basis.given))
        return agreement


def _check_author(basis: Basis) -> None:
    """Check that who is said to have proposed it did: the row of a proposal proves nothing."""
    if [one.person for one in basis.given if one.author] != [basis.author]:
        raise Denied("Nothing signed says who proposed this: reject it, and make it again.")


def _check_part(approval: ApprovalPart, owners: dict[str, str], needed: Collection[str]) -> None:
    if set(needed) & set(approval.powers) or any(map(approval.is_called, owners.values())):
        return
    raise Denied(
        "This needs the owner of the use case, an officer for data protection, or a role that may "
        f"approve {', '.join(sorted(needed))}."
    )


def _agreed(
    given: Sequence[ApprovalPart],
    owners: dict[str, str],
    known: Collection[str],
    needed: Collection[str],
) -> tuple[Agreement | None, list[WaitsFor]]:
    """The agreement, or what it lacks."""
    approvers = [one for one in given if not one.author]
    officers = [one for one in approvers if one.officer]
    best: list[WaitsFor] | None = None
    # An officer who is an owner too needs another one: that is asked for first.
    both = any(one.is_called(owner) for one in officers for owner in owners.values())
    for officer in [None, *officers] if both else [*officers, None]:
        others = [one for one in given if one is not officer]
        agreed = {
            name: one.person
            for name, owner in owners.items()
            for one in others
            if one.is_called(owner)
        }
        missing = [] if officer else [WaitsFor("officer")]
        missing += _lacking(others, owners, agreed, known)
        held = {power for one in approvers for power in one.powers}
        lacking = sorted(set(needed) - held - {STARTS})
        if officer is None:  # whoever comes approves the rest of the use case, as a rule
            lacking = [power for power in lacking if not power.startswith("use_case.")]
        missing += [WaitsFor("approver", power=power) for power in lacking]
        if officer and not missing:
            persons = [one.person for one in approvers[:-1]]
            return Agreement(officer.person, persons, agreed), []
        best = missing if best is None or len(missing) < len(best) else best
    return None, best or []


def _lacking(
    others: Sequence[ApprovalPart],
    owners: dict[str, str],
    agreed: Collection[str],
    known: Collection[str],
) -> list[WaitsFor]:
    """The owners who did not agree, and who takes the place of those that are no known persons."""
    missing = [
        WaitsFor("owner", owner, name)
        for name, owner in owners.items()
        if name in known and name not in agreed
    ]
    unknown = [name for name in owners if name not in known and name not in agreed]
    instead = any(STARTS in one.powers for one in others if not one.author)
    if unknown and not instead:
        missing.append(WaitsFor("approver", power=STARTS))
    return missing
