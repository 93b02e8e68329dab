"""Changes of governed objects, by whatever door: what narrows acts at once, the rest waits."""

import secrets
from collections.abc import Callable, Sequence

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.approvals import records
from gateway.approvals.lines import Line, powers_of
from gateway.approvals.objects import Objects
from gateway.core.errors import InvalidRequest
from gateway.core.objects.keys import ADMIN_KEY
from gateway.governance.actor import Actor
from gateway.governance.changes.basis import Author, Basis
from gateway.governance.changes.edits import (
    FILE,
    Edit,
    Submitted,
    TimedEdits,
    WaitingEdit,
    after,
    lines_of_edit,
    split,
    widens,
)
from gateway.governance.changes.governed import Governed, Load
from gateway.governance.changes.mandates import ActingAlone
from gateway.governance.changes.object_store import ObjectStore
from gateway.governance.changes.two_persons import TwoPersons
from gateway.governance.proposals.service import AfterCommit, Draft, Proposals
from gateway.storage.database import Database

KIND, BREAK_GLASS = "change", "break_glass"  # of proposals
_APPROVERS = 2  # that a file leaves
_TWO_NAMED = (
    "The first configuration must name two persons, or no change could ever be approved: give "
    "admin keys of two persons (`owner`), one of them with an approving role such as "
    "policy_approver; or an issuer whose `roles` give one."
)


class ChangeControl:
    """Takes edits, and makes them when they may be made."""

    power = ""  # each proposal has those of its lines
    keeps_document = True

    def __init__(
        self,
        database: Database,
        governed: Governed,
        two_persons: TwoPersons,
        store: ObjectStore,
        acting_alone: ActingAlone,
        *,
        load: Load,
        proposals: Callable[[], Proposals],
        embedded: bool,
        approving: Callable[[], frozenset[str]],
    ) -> None:
        """``load`` gives the objects in force, ``proposals`` those that wait.

        ``approving`` gives the roles that approve something.
        """
        self._database = database
        self._governed = governed
        self._two_persons = two_persons
        self._store = store
        self._acting_alone = acting_alone
        self._load = load
        self._embedded = embedded
        self._approving = approving
        self._proposals = proposals

    async def submit(
        self,
        edits: Sequence[Edit],
        actor: Actor,
        *,
        door: str,
        comment: str = "",
        all_or_nothing: bool = False,
    ) -> Submitted:
        """Make edits; what widens becomes a proposal where another person must decide.

        ``all_or_nothing`` lets everything wait when a part must.

        Raises:
            InvalidRequest: when an administrator's key has no owner, or the first configuration
                names less than two persons.
        """
        async with self._database.write() as connection:
            return await self.submit_within(
                connection,
                edits,
                actor,
                door=door,
                comment=comment,
                all_or_nothing=all_or_nothing,
            )

    async def submit_within(
        self,
        connection: AsyncConnection,
        edits: Sequence[Edit],
        actor: Actor,
        *,
        door: str,
        comment: str = "",
        all_or_nothing: bool = False,
        exception_minutes: int | None = None,
        may_lock_out: bool = False,
        recovery: tuple[str, str] | None = None,
    ) -> Submitted:
        """The same within a transaction; with ``exception_minutes`` what waits is for that time.

        ``may_lock_out`` lets a file leave fewer than two persons who approve. ``recovery`` are the
        persons who opened the way back: all of it is in force then.

        Raises:
            WouldLockOut: when it leaves fewer without that.
        """
        before = await self._load(connection)
        edits = [edit for edit in edits if _does_something(before, edit)]
        self._check_owners(before, edits)
        if recovery:
            basis: Basis | None = Basis(records.RECOVERY, *recovery)
        else:
            basis = await self._basis(connection, before, edits, actor)
        if basis is not None and not (exception_minutes and widens(before, edits)):
            await self._write(
                connection, before, edits, actor, basis, door, may_lock_out=may_lock_out
            )
            if any(edit.source == FILE for edit in edits):
                await self._proposals().supersede(connection, FILE, actor)
            lines = [line for edit in edits for line in lines_of_edit(before, edit)]
            return Submitted(applied=_described(lines))
        parts = split(before, edits, all_or_nothing=all_or_nothing)
        if exception_minutes:
            _check_exception(before, parts.waiting)
        await self._write(
            connection, before, parts.now, actor, Basis.one(actor), door, may_lock_out=may_lock_out
        )
        applied = [line for edit in parts.now for line in lines_of_edit(before, edit)]
        waiting = [line for edit in parts.waiting for line in edit.lines(before)]
        draft = _draft(edits, parts.waiting, waiting, door, exception_minutes)
        proposal = await self._proposals().create_within(connection, draft, actor, comment=comment)
        return Submitted(_described(applied), _described(waiting), proposal)

    async def activate(
        self, connection: AsyncConnection, document: str, actor: Actor, *, author: str
    ) -> AfterCommit | None:
        """Make the edits of a proposal, within the transaction of the approval.

        Raises:
            InvalidRequest: when what they change is not what it was.
        """
        del actor, author  # the approval records both
        waiting = msgspec.json.decode(document, type=list[WaitingEdit])
        await self._store.write(connection, edits_on(await self._load(connection), waiting))
        return None

    async def _basis(
        self, connection: AsyncConnection, before: Objects, edits: Sequence[Edit], actor: Actor
    ) -> Basis | None:
        """The ground on which all of it acts at once; None when a part must wait."""
        if not widens(before, edits):
            return Basis.one(actor)
        if actor.via == "local" and await self._governed.is_new(connection):
            self._check_first(edits)
            return Basis.one(actor, records.BOOTSTRAP)
        if await self._two_persons.may_decide_alone(connection, actor):
            return Basis.approved(Author.of(actor), actor, alone=True)
        lines = [line for edit in edits for line in lines_of_edit(before, edit)]
        return await self._acting_alone.basis(
            connection, before, after(before, edits), lines, actor
        )

    async def _write(
        self,
        connection: AsyncConnection,
        before: Objects,
        edits: Sequence[Edit],
        actor: Actor,
        basis: Basis,
        door: str,
        *,
        may_lock_out: bool,
    ) -> None:
        # A file is the whole configuration: one that was cut off would leave nobody to mend it.
        least = _APPROVERS if any(edit.source == FILE for edit in edits) else 1
        async with self._governed.change(
            connection,
            actor,
            basis,
            door=door,
            approvers_left=0 if may_lock_out else least,
            before=before,
        ):
            await self._store.write(connection, edits)

    def _check_owners(self, before: Objects, edits: Sequence[Edit]) -> None:
        if self._embedded:
            return
        for edit in edits:
            new = edit.document if edit.place not in before else None
            if edit.kind == ADMIN_KEY and new and not new.get("owner"):
                raise InvalidRequest(
                    f"The admin key {new.get('name')} needs an owner: the person who uses it, such "
                    "as an e-mail address.",
                    param="owner",
                )

    def _check_first(self, edits: Sequence[Edit]) -> None:
        if self._embedded:
            return
        approving = self._approving()
        owners: set[str] = set()
        approvers = 0
        for edit in edits:
            document = edit.document or {}
            if edit.kind == ADMIN_KEY:
                owners.add(str(document.get("owner", "")).casefold())
                approvers += bool(approving & set(document.get("roles", ())))
            elif edit.kind == "issuer" and approving & set(document.get("roles", {}).values()):
                return  # who holds a group is for the identity provider to say
        if len(owners) < 2 or not approvers:
            raise InvalidRequest(_TWO_NAMED)


def _check_exception(before: Objects, waiting: Sequence[WaitingEdit]) -> None:
    """Check that an exception gives no use case another risk class: its end would be a change too.

    Raises:
        InvalidRequest: when it does.
    """
    for edit in waiting:
        if edit.before is not None and any(line.starts for line in edit.lines(before)):
            raise InvalidRequest(
                f"The risk class of the use case {edit.name} is not changed for some hours: "
                "propose it without an end."
            )


def edits_on(current: Objects, waiting: Sequence[WaitingEdit]) -> list[Edit]:
    """The edits of a proposal, of the objects as they are now.

    Raises:
        InvalidRequest: when what they change is not what it was.
    """
    edits = []
    for one in waiting:
        edit = one.on(current.get(one.place))
        if edit is None:
            raise InvalidRequest(
                f"{one.kind} {one.name} has changed since this was proposed: reject it, and make "
                "the change again.",
                code="stale_proposal",
            )
        edits.append(edit)
    return edits


def _draft(
    edits: Sequence[Edit],
    parts: list[WaitingEdit],
    waiting: list[Line],
    door: str,
    exception_minutes: int | None,
) -> Draft:
    """The proposal of what waits; an exception is never superseded by a later file."""
    identity, document, kind = None, msgspec.json.encode(parts), KIND
    source = FILE if any(edit.source == FILE for edit in edits) else ""
    if exception_minutes:
        identity, kind, source = secrets.token_hex(8), BREAK_GLASS, ""
        document = msgspec.json.encode(TimedEdits(identity, exception_minutes, parts))
    return Draft(
        kind,
        _subject(waiting),
        document.decode(),
        recorded={"door": door, "minutes": exception_minutes},
        powers=powers_of(waiting),
        lines=[line.text() for line in sorted(waiting, key=lambda line: line.power is None)],
        source=source,
        identity=identity,
    )


def _does_something(before: Objects, edit: Edit) -> bool:
    """Whether an edit changes a field, or makes an object, which may be of defaults alone."""
    is_new = edit.document is not None and edit.place not in before
    return is_new or edit.source == FILE or bool(lines_of_edit(before, edit))


def _described(lines: Sequence[Line]) -> list[str]:
    return [line.describe() for line in lines]


def _subject(lines: Sequence[Line]) -> str:
    return ", ".join(sorted({f"{line.kind} {line.label or line.name}" for line in lines}))
