"""Mandates as records: two persons give one, one person narrows or ends it."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.approvals.objects import document_of
from gateway.core.days import end_of_day
from gateway.core.errors import InvalidRequest
from gateway.core.objects.mandates import MANDATE, Mandate
from gateway.core.objects.values import MAX_DAYS
from gateway.governance.access_control.permissions import Permissions
from gateway.governance.access_control.places import OWNER
from gateway.governance.actor import Actor
from gateway.governance.catalogue.difference import difference_of
from gateway.governance.catalogue.names import MODELS, check_known, names_of
from gateway.governance.changes.edits import Edit, Submitted
from gateway.governance.changes.mandates import has_mandate
from gateway.governance.changes.tables import catalogue
from gateway.governance.mandates.schemas import MandateGrant, MandateResponse
from gateway.storage.database import Database

Submit = Callable[..., Awaitable[Submitted]]
_ALL = select(catalogue).where(catalogue.c.kind == MANDATE)


class Mandates:
    """Lists, sets and ends mandates."""

    def __init__(
        self,
        database: Database,
        submit: Submit,
        permissions: Permissions,
        *,
        wall: Callable[[], float],
    ) -> None:
        """``submit`` makes an edit, or proposes it; ``wall`` is epoch seconds."""
        self._database = database
        self._submit = submit
        self._permissions = permissions
        self._wall = wall

    async def list(self, actor: Actor) -> Sequence[MandateResponse]:
        """All mandates, by name."""
        async with self._database.read() as connection:
            rows = (await connection.execute(_ALL.order_by(catalogue.c.name))).all()
        return [self._response(_of(row), actor) for row in rows]

    async def get(self, name: str, actor: Actor) -> MandateResponse:
        """One mandate.

        Raises:
            InvalidRequest: when there is no such mandate.
        """
        async with self._database.read() as connection:
            return self._response(await _known(connection, name), actor)

    async def put(
        self, name: str, stated: Mandate, actor: Actor
    ) -> tuple[Sequence[str], Submitted]:
        """Give a mandate, or change it; gives the names of the fields that changed.

        What widens waits for another person, who may not have it.

        Raises:
            InvalidRequest: when it names what does not exist, or lasts too long.
        """
        mandate = msgspec.structs.replace(stated, name=name)
        async with self._database.write() as connection:
            await self._check(connection, mandate)
            row = (await connection.execute(_ALL.where(catalogue.c.name == name))).first()
            difference = difference_of(_of(row) if row else None, mandate)
            done = Submitted()
            if difference:
                edit = Edit(MANDATE, name, document_of(mandate))
                done = await self._submit(connection, [edit], actor, door=actor.via)
        return difference.changed, done

    async def end(self, name: str, actor: Actor) -> None:
        """End a mandate: what was changed under it stays.

        Raises:
            InvalidRequest: when there is no such mandate.
        """
        async with self._database.write() as connection:
            await _known(connection, name)
            await self._submit(connection, [Edit(MANDATE, name, None)], actor, door=actor.via)

    async def _check(self, connection: AsyncConnection, mandate: Mandate) -> None:
        now = self._wall()
        last = end_of_day(mandate.until) - 86_400
        if end_of_day(mandate.until) <= now or last > now + MAX_DAYS * 86_400:
            raise InvalidRequest(
                f"A mandate ends within {MAX_DAYS} days, and not before today.", param="until"
            )
        if mandate.role:
            known = set(self._permissions.roles) - {OWNER}
            check_known([mandate.role], known, "role for a mandate", param="role")
        named: dict[str, set[str]] = {"teams": set(), "models": set(), "purposes": set()}
        for grant in mandate.grants:
            named["teams"] |= set(grant.teams)
            for field in ("models", "purposes"):
                named[field] |= set(getattr(grant.most, field) or ())
        kinds = {"teams": ("team",), "models": MODELS, "purposes": ("use_case",)}
        for field, names in named.items():
            known = await names_of(connection, *kinds[field])
            what = kinds[field][0].replace("_", " ")
            check_known(sorted(names), known, what, param="grants")

    def _response(self, mandate: Mandate, actor: Actor) -> MandateResponse:
        values: dict[str, Any] = msgspec.structs.asdict(mandate)
        grants = [MandateGrant.model_validate(one) for one in document_of(mandate)["grants"]]
        return MandateResponse(
            **{**values, "grants": grants},
            ended=end_of_day(mandate.until) <= self._wall(),
            mine=has_mandate(actor, mandate),
        )


def _of(row: Any) -> Mandate:
    return msgspec.json.decode(row.document, type=Mandate)


async def _known(connection: AsyncConnection, name: str) -> Mandate:
    """The stored mandate.

    Raises:
        InvalidRequest: when there is none.
    """
    row = (await connection.execute(_ALL.where(catalogue.c.name == name))).first()
    if row is None:
        raise InvalidRequest(f"There is no mandate {name!r}.", code="not_found")
    return _of(row)
