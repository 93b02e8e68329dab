"""Every change of a governed object passes here, whatever the door.

The state before and after is compared within the transaction. A difference that widens and that
no one else approved ends the transaction; every other one gets a signed record and an entry.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.approvals import records
from gateway.approvals.agreements import Agreement
from gateway.approvals.lines import OBJECT, Line, lines_between
from gateway.approvals.mandates import MandateUse, use_of
from gateway.approvals.objects import Document, Objects
from gateway.approvals.records import ChangeRecord, permits, sign
from gateway.approvals.references import rights_of
from gateway.approvals.rules import is_harmless
from gateway.approvals.signed import SignedApproval
from gateway.core.errors import Denied, InvalidRequest
from gateway.core.objects.keys import KEY
from gateway.core.objects.mandates import MANDATE
from gateway.core.snapshot import SignedChange
from gateway.governance.actor import Actor
from gateway.governance.changes.agreeing import Agreeing, IsKnown
from gateway.governance.changes.approval_sign_on import signed_by_approver
from gateway.governance.changes.basis import Basis
from gateway.governance.changes.lock_out import check_not_locked_out
from gateway.governance.changes.mandates import check_not_own
from gateway.governance.changes.tables import change_record, governed_line, removed_object
from gateway.governance.journal import Journal

Load = Callable[[AsyncConnection], Awaitable[Objects]]
_BATCH = 200
# Kinds that one person may create: other new objects wait. A key that was issued has an id of its
# own, which never comes back.
_REMEMBERED = frozenset({"team", KEY})
_SHOWN = 10  # keys in a message
_MAX_LINES = 500  # of an entry; more are counted


class Governed:
    """Compares, signs and records changes of governed objects."""

    def __init__(
        self,
        journal: Journal,
        *,
        key: Ed25519PrivateKey,
        wall: Callable[[], float],
        load: Load,
        settle: Callable[[AsyncConnection], Awaitable[None]],
        approving: Callable[[], Collection[str]],
        is_known: IsKnown,
        one_person: bool,
    ) -> None:
        """``load`` gives the objects that are in force within a transaction.

        ``settle`` ends each change: it notes when there is a second person. ``approving`` gives the
        roles that approve something, ``is_known`` says whether a person is called so.
        ``one_person`` accepts that one person decides while there is no other.
        """
        self._journal = journal
        self._key = key
        self._wall = wall
        self._load = load
        self._settle = settle
        self._approving = approving
        self._one_person = one_person
        self._agreeing = Agreeing(is_known)

    @asynccontextmanager
    async def change(
        self,
        connection: AsyncConnection,
        actor: Actor,
        basis: Basis,
        *,
        door: str = "",
        approvers_left: int = 1,
        before: Objects | None = None,
    ) -> AsyncIterator[None]:
        """Record what the block changes; ``door`` is where the change came from.

        ``before`` are the objects in force, where this transaction has loaded them and changed
        nothing since. ``approvers_left`` is how many persons must be able to approve after it,
        0 for none.

        Raises:
            Denied: when the block widens something that needs another person, or who approves a
                mandate has it.
            WouldLockOut: when fewer could approve after it, where there were enough.
            ToBeSigned: when the approver asks what to sign.
            StillWaits: when a use case starts that more persons have to approve.
            InvalidRequest: when the team of a key is gone.
        """
        if before is None:
            before = await self._load(connection)
        yield
        await self._settle(connection)
        after = await self._load(connection)
        _check_teams_of_keys(before, after)
        check_not_locked_out(
            before, after, self._approving(), embedded=self._one_person, least=approvers_left
        )
        own_bounds = basis.name in records.OWN_BOUNDS
        lines = lines_between(dict(before) if own_bounds else before, after)
        if lines:
            signed = signed_by_approver(before, basis, lines)
            agreement = await self._agreeing.agreement(connection, after, basis, lines, signed)
            check_not_own(actor, basis, lines, after)
            await self.record(
                connection,
                actor,
                basis,
                lines,
                door=door,
                signed=signed,
                agreement=agreement,
                use=use_of(basis.mandate, lines, after) if basis.mandate else None,
            )
            await _remember(connection, before, after)

    async def record(
        self,
        connection: AsyncConnection,
        actor: Actor,
        basis: Basis,
        lines: list[Line],
        *,
        door: str = "",
        signed: SignedApproval | None = None,
        agreement: Agreement | None = None,
        use: MandateUse | None = None,
    ) -> int:
        """Sign a record of lines and write their entry; gives the number of the record.

        ``use`` is that of the mandate of the basis.

        Raises:
            Denied: when a line widens and the basis does not permit that.
        """
        number = await last_number(connection) + 1
        record = ChangeRecord(
            number=number,
            at=self._wall(),
            basis=basis.name,
            lines=records.digests_of(lines),
            author=basis.author,
            approver=basis.approver,
            proposal=basis.proposal,
            signed=signed,
            agreement=agreement,
            mandate=use,
        )
        for line in lines:
            if not permits(record, line, one_person=self._one_person):
                raise Denied(f"Another person must approve this: {line.describe()}.")
        sealed = sign(record, self._key)
        await connection.execute(
            insert(change_record).values(
                number=number, document=sealed.document, signature=sealed.signature
            )
        )
        await _chain(connection, record, lines, one_person=self._one_person)
        wide_first = sorted(lines, key=lambda line: line.power is None)
        shown = [line.text() for line in wide_first[:_MAX_LINES]]
        await self._journal.record(
            connection,
            actor,
            "control:change:apply",
            number=number,
            basis=basis.name,
            author=basis.author,
            approver=basis.approver,
            proposal=basis.proposal,
            signed_approval=msgspec.json.encode(signed).decode() if signed else None,
            agreement=msgspec.json.encode(agreement).decode() if agreement else None,
            mandate=use.text() if use else None,
            door=door or actor.via,
            lines=shown,
            more=len(lines) - len(shown) or None,
        )
        return number

    async def is_new(self, connection: AsyncConnection) -> bool:
        """Whether nothing but what the release brings was ever changed here."""
        rows = await connection.execute(select(change_record.c.document))
        return all(_basis_of(document) == records.RELEASE for document in rows.scalars())


def _check_teams_of_keys(before: Objects, after: Objects) -> None:
    """Check that no team goes whose keys stay: its floor, limits and budget hold for them."""
    gone = {name for kind, name in before.keys() - after.keys() if kind == "team"}
    if not gone:
        return
    users = sorted(
        str(document["name"])
        for (kind, _), document in after.items()
        if kind == KEY and document.get("team") in gone
    )
    if users:
        raise InvalidRequest(
            f"Keys of this team still work: {', '.join(users[:_SHOWN])}. Revoke them first.",
            code="team_in_use",
        )


async def last_number(connection: AsyncConnection) -> int:
    """The number of the newest record; 0 before the first."""
    found = (await connection.execute(select(func.max(change_record.c.number)))).scalar()
    return int(found or 0)


async def changed_since(connection: AsyncConnection, number: int) -> frozenset[str]:
    """The lines with a record after that number."""
    query = select(governed_line.c.line).where(governed_line.c.number > number)
    return frozenset((await connection.execute(query)).scalars())


async def records_of_line(connection: AsyncConnection, line: str) -> list[SignedChange]:
    """The first record of the installation, and all that ever changed a line, by number."""
    names = change_record.c.document.contains(f'"{line}"', autoescape=True)
    query = select(change_record).where((change_record.c.number == 1) | names)
    rows = await connection.execute(query.order_by(change_record.c.number))
    return [SignedChange(row.document, row.signature) for row in rows]


async def records_in_force(connection: AsyncConnection) -> list[tuple[str, str]]:
    """The records of every line since it was last widened, by number: documents and signatures."""
    query = select(change_record.c.document, change_record.c.signature).where(
        change_record.c.number.in_(select(governed_line.c.number))
    )
    rows = await connection.execute(query.order_by(change_record.c.number))
    return [(document, signature) for document, signature in rows.all()]


async def sign_again(
    connection: AsyncConnection, key: Ed25519PrivateKey, known: list[Ed25519PublicKey]
) -> None:
    """Put every record that an earlier key signed under the present key."""
    public = [key.public_key()]
    for row in (await connection.execute(select(change_record))).all():
        signed = SignedChange(row.document, row.signature)
        try:
            records.read(signed, public)
        except records.RecordError:
            renewed = sign(records.read(signed, known), key)
            await connection.execute(
                update(change_record)
                .where(change_record.c.number == row.number)
                .values(document=renewed.document, signature=renewed.signature)
            )


async def removed_objects(connection: AsyncConnection) -> dict[tuple[str, str], Document]:
    """The last state of every object that was removed, by kind and name."""
    rows = await connection.execute(select(removed_object))
    return {(row.kind, row.name): msgspec.json.decode(row.document) for row in rows}


async def _remember(connection: AsyncConnection, before: Objects, after: Objects) -> None:
    """Keep the last state of removed objects; forget that of those that are back."""
    gone, back = before.keys() - after.keys(), after.keys() - before.keys()
    for kind, name in gone | back:
        same = (removed_object.c.kind == kind) & (removed_object.c.name == name)
        await connection.execute(delete(removed_object).where(same))
    rows = [
        {"kind": kind, "name": name, "document": _rights_of(kind, before[kind, name])}
        for kind, name in gone
        if kind in _REMEMBERED and "issued_by" not in before[kind, name]
    ]
    if rows:
        await connection.execute(insert(removed_object), rows)


def _rights_of(kind: str, document: Document) -> str:
    """What a new object is judged against, as JSON: no person, no secret."""
    kept = {name: value for name, value in document.items() if name in rights_of(kind)}
    return msgspec.json.encode(kept).decode()


async def _chain(
    connection: AsyncConnection, record: ChangeRecord, lines: list[Line], *, one_person: bool
) -> None:
    """Add a record to the chains of its lines; forget those of deleted objects.

    A record that may widen the field begins its chain anew, and so does one of a harmless field.
    What was changed under a mandate keeps the records that prove it. The end of a mandate is kept.
    """
    places, anew, rows = [], [], set()
    proofs = await _proofs_of(connection, record.mandate) if record.mandate else set()
    for line in lines:
        if line.field == OBJECT and not line.widens:
            prefix = f"{line.kind}/{line.name}/"
            await connection.execute(
                delete(governed_line).where(
                    governed_line.c.line.startswith(prefix, autoescape=True)
                )
            )
            if line.kind == MANDATE:
                rows.add((line.id, record.number))
            continue
        places.append(line.id)
        if is_harmless(line.kind, line.field) or records.decides(
            record, line, one_person=one_person
        ):
            anew.append(line.id)
            rows |= {(line.id, number) for number in proofs}
    rows |= {(place, record.number) for place in places}
    for start in range(0, len(anew), _BATCH):
        batch = anew[start : start + _BATCH]
        await connection.execute(delete(governed_line).where(governed_line.c.line.in_(batch)))
    if rows:
        await connection.execute(
            insert(governed_line), [{"line": line, "number": number} for line, number in rows]
        )


async def _proofs_of(connection: AsyncConnection, use: MandateUse) -> set[int]:
    """The numbers of the records of a mandate, and of the teams of the keys changed under it."""
    of_mandate = governed_line.c.line.startswith(f"{MANDATE}/{use.mandate.name}/", autoescape=True)
    teams = [f"{KEY}/{name}/team" for name in use.teams]
    query = select(governed_line.c.number).where(of_mandate | governed_line.c.line.in_(teams))
    return set((await connection.execute(query)).scalars())


def _basis_of(document: str) -> str:
    return msgspec.json.decode(document, type=ChangeRecord).basis
