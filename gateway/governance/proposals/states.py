"""The states of proposals, as rows hold them and as they are at a moment."""

from typing import Any

import orjson
from sqlalchemy import ColumnElement, and_, or_

from gateway.core.errors import InvalidRequest
from gateway.governance.actor import OPERATOR
from gateway.governance.changes.basis import Author
from gateway.governance.proposals.tables import proposal

PENDING, APPROVED, REJECTED, SUPERSEDED = "pending", "approved", "rejected", "superseded"
EXPIRED = "expired"


def waits(now: float) -> ColumnElement[bool]:
    """The condition that a proposal waits at an epoch second: its term has not passed."""
    return and_(
        proposal.c.state == PENDING, or_(proposal.c.expires.is_(None), proposal.c.expires > now)
    )


def is_in(state: str, now: float) -> ColumnElement[bool]:
    """The condition that a proposal is in a state, also before its expiry is on record."""
    if state == PENDING:
        return waits(now)
    same = proposal.c.state == state
    if state != EXPIRED:
        return same
    return or_(same, and_(proposal.c.state == PENDING, proposal.c.expires <= now))


def state_of(row: Any, now: float) -> str:
    """The state of a proposal at an epoch second."""
    over = row.state == PENDING and row.expires is not None and row.expires <= now
    return EXPIRED if over else str(row.state)


def check_waits(row: Any, now: float) -> None:
    """Check that a proposal can be decided.

    Raises:
        InvalidRequest: when there is none, it was decided, or its term has passed.
    """
    state = state_of(row, now) if row is not None else ""
    if state == EXPIRED:
        raise InvalidRequest(
            "This proposal has expired: its term passed before anybody decided. Propose it again.",
            code="proposal_expired",
        )
    if state != PENDING:
        raise InvalidRequest("There is no such pending proposal.", code="not_found")


def author_of(row: Any) -> Author:
    """The author of a proposal; of an older version, only the id is known."""
    persons = orjson.loads(row.author_persons) if row.author_persons else [OPERATOR]
    return Author(
        row.proposed_by,
        row.author_name or "",
        row.author_person or row.proposed_by,
        frozenset(persons) | {row.proposed_by.casefold()},
    )
