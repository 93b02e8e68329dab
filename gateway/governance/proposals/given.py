"""Approvals of a proposal that are not enough yet.

Each is signed as records of changes are, so that a row of the database makes none.
"""

import base64
import hashlib
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select, update

from gateway.governance.actor import Actor
from gateway.governance.changes.agreeing import StillWaits
from gateway.governance.changes.basis import ApprovalPart
from gateway.governance.journal import Journal
from gateway.governance.proposals.states import author_of, check_waits
from gateway.governance.proposals.tables import proposal
from gateway.storage.database import Database

MAX_NAME = 256  # of the author of a proposal
_DOMAIN = b"sluis approval in part 1\n"


class GivenApprovals:
    """Signs, keeps and reads them."""

    def __init__(
        self,
        database: Database,
        journal: Journal,
        *,
        key: Ed25519PrivateKey,
        wall: Callable[[], float],
    ) -> None:
        """``key`` is that of the installation; ``wall`` is epoch seconds."""
        self._database = database
        self._journal = journal
        self._key = key
        self._wall = wall

    def approval(
        self,
        identity: str,
        document: str,
        actor: Actor,
        *,
        powers: Sequence[str] = (),
        officer: bool = False,
        author: bool = False,
    ) -> ApprovalPart:
        """The approval of a document by an actor, or the consent of its author."""
        return ApprovalPart(
            identity,
            _digest(document),
            actor.person or actor.id,
            actor.name or actor.id,
            sorted(actor.proven),
            sorted(actor.persons | actor.acts_for),
            sorted(actor.barred_names),
            self._wall(),
            list(powers),
            author=author,
            officer=officer,
        )

    def of_author(self, identity: str, document: str, actor: Actor) -> str:
        """What is kept of a new proposal: its author, who may be the owner of its use case."""
        own = self.approval(identity, document, actor, author=True)
        return self._stored([msgspec.structs.replace(own, person=own.person[:MAX_NAME])])

    def of(self, row: Any) -> list[ApprovalPart]:
        """The approvals of a proposal, those alone that this installation signed for it."""
        found = (self._read(one) for one in orjson.loads(row.approvals or "[]"))
        return [
            one
            for one in found
            if one is not None and (one.proposal, one.document) == (row.id, _digest(row.document))
        ]

    def approvers(self, row: Any) -> list[str]:
        """Who approved a proposal that waits for more."""
        if not row.approvals:
            return []
        found = (self._read(one) for one in orjson.loads(row.approvals))
        return [one.label for one in found if one is not None and not one.author]

    def includes(self, row: Any, actor: Actor) -> bool:
        """Whether an actor approved a proposal that waits for more."""
        if not row.approvals:
            return False
        own = self.approval(row.id, "", actor)
        found = (self._read(one) for one in orjson.loads(row.approvals))
        return any(one is not None and not one.author and one.is_same(own) for one in found)

    async def keep(self, waiting: StillWaits, actor: Actor, comment: str) -> bool:
        """Keep an approval on record; False when another one came in between.

        Raises:
            InvalidRequest: when the proposal waits no longer.
        """
        approval = waiting.approval
        named = select(proposal).where(proposal.c.id == approval.proposal)
        async with self._database.write() as connection:
            row: Any = (await connection.execute(named)).first()
            check_waits(row, self._wall())
            given = self.of(row)
            if len(given) != waiting.seen or _digest(row.document) != approval.document:
                return False
            await connection.execute(
                update(proposal)
                .where(proposal.c.id == row.id)
                .values(approvals=self._stored([*given, approval]))
            )
            signed = approval.signed
            await self._journal.record(
                connection,
                actor,
                "control:proposal:agree",
                proposal=row.id,
                kind=row.kind,
                powers=approval.powers or None,
                author=author_of(row).person,
                approver=approval.person,
                proposed_by=row.proposed_by,
                signed_approval=msgspec.json.encode(signed).decode() if signed else None,
                comment=comment or None,
            )
        return True

    def _stored(self, given: Sequence[ApprovalPart]) -> str:
        return orjson.dumps([self._signed(one) for one in given]).decode()

    def _signed(self, one: ApprovalPart) -> dict[str, str]:
        document = msgspec.json.encode(one, order="sorted")
        signature = base64.b64encode(self._key.sign(_DOMAIN + document)).decode()
        return {"document": document.decode(), "signature": signature}

    def _read(self, stored: dict[str, str]) -> ApprovalPart | None:
        """The approval; None for one that another key signed, or none did."""
        document = stored["document"].encode()
        try:
            signature = base64.b64decode(stored["signature"], validate=True)
            self._key.public_key().verify(signature, _DOMAIN + document)
            return msgspec.json.decode(document, type=ApprovalPart)
        except (InvalidSignature, ValueError, msgspec.MsgspecError):
            return None


def _digest(document: str) -> str:
    return hashlib.sha256(document.encode()).hexdigest()
