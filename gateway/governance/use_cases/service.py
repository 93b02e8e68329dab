"""Use cases as records of the control plane, beside those that the applied file owns.

The file and the records never fight: an object says which of the two owns it, and only that one
changes it.
"""

from collections.abc import Callable, Sequence
from typing import Any

import orjson
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.compiled.policy import use_case_rules
from gateway.core.errors import InvalidRequest, Refusal
from gateway.governance.actor import Actor
from gateway.governance.catalogue.documents import Document
from gateway.governance.catalogue.service import Catalogue
from gateway.governance.catalogue.statements import use_case_document
from gateway.governance.catalogue.tables import FILE, RECORD, catalogue
from gateway.governance.catalogue.use_case_fields import UseCaseFields, missing_for_high_risk
from gateway.governance.journal import Journal
from gateway.governance.keys.service import list_active
from gateway.governance.policies.service import active_files
from gateway.governance.stops.service import in_force
from gateway.governance.use_cases.schemas import UseCaseResponse
from gateway.storage.database import Database

_KIND = "use_case"


class UseCases:
    """Lists, stores and deletes use cases."""

    def __init__(
        self,
        database: Database,
        journal: Journal,
        catalogue_: Catalogue,
        *,
        wall: Callable[[], float],
    ) -> None:
        """``wall`` is epoch seconds."""
        self._database = database
        self._journal = journal
        self._catalogue = catalogue_
        self._wall = wall

    async def list(self) -> Sequence[UseCaseResponse]:
        """All use cases by name, each with its state now."""
        async with self._database.read() as connection:
            found = await self._catalogue.load(connection)
            rules = use_case_rules(await active_files(connection))
            stopped = (await in_force(connection)).use_cases
            query = select(catalogue.c.name, catalogue.c.source).where(catalogue.c.kind == _KIND)
            sources = {row.name: row.source for row in await connection.execute(query)}
        register: Document = orjson.loads(found["register"][0]) if found["register"] else {}
        shown = []
        for raw in found[_KIND]:
            document = orjson.loads(raw)
            name = document.pop("name")
            document |= register.get("use_cases", {}).get(name, {})
            fields = UseCaseFields.model_validate(document)
            stated = use_case_document(name, fields)
            source = sources[name]
            shown.append(
                UseCaseResponse(
                    **stated,
                    source=source,
                    file=register.get("file") if source == FILE else None,
                    review_state=rules.review(stated.get("review", ""), self._wall()),
                    lacking=missing_for_high_risk(fields),
                    stopped=name in stopped,
                )
            )
        return sorted(shown, key=lambda one: one.name)

    async def get(self, name: str) -> UseCaseResponse:
        """One use case.

        Raises:
            InvalidRequest: when there is no such use case.
        """
        for one in await self.list():
            if one.name == name:
                return one
        raise _unknown(name)

    async def put(self, name: str, fields: UseCaseFields, actor: Actor) -> None:
        """Create a use case, or replace what is stated about it.

        Raises:
            InvalidRequest: when one of high risk lacks its assessment or review date.
            Refusal: ``owned_by_file`` when the applied file owns it.
        """
        lacking = missing_for_high_risk(fields)
        if lacking:
            raise InvalidRequest(f"{name}: {lacking}.", param="risk")
        async with self._database.write() as connection:
            await self._require_record(connection, name)
            await self._store(connection, name, use_case_document(name, fields), actor)

    async def delete(self, name: str, actor: Actor) -> None:
        """Delete a use case; its stop, if it has one, stays.

        Raises:
            InvalidRequest: when there is no such use case.
            Refusal: ``owned_by_file`` when the applied file owns it, ``in_use`` while keys name it.
        """
        async with self._database.write() as connection:
            if await self._require_record(connection, name) is None:
                raise _unknown(name)
            users = [key.name for key in await list_active(connection) if name in key.purposes]
            if users:
                raise Refusal(
                    f"Keys are for this use case: {', '.join(users)}. Revoke or change them first.",
                    code="in_use",
                )
            await self._store(connection, name, None, actor)

    async def _store(
        self, connection: AsyncConnection, name: str, document: Document | None, actor: Actor
    ) -> None:
        """Store the document, or delete it, with the entry."""
        where = (catalogue.c.kind == _KIND) & (catalogue.c.name == name)
        if document is None:
            await connection.execute(delete(catalogue).where(where))
            await self._journal.record(connection, actor, "control:use_case:delete", use_case=name)
            return
        text = orjson.dumps(document).decode()
        changed = await connection.execute(
            update(catalogue).where(where).values(document=text, source=RECORD)
        )
        if not changed.rowcount:
            position = select(func.coalesce(func.max(catalogue.c.position), 0) + 1)
            await connection.execute(
                insert(catalogue).values(
                    kind=_KIND,
                    name=name,
                    position=position.scalar_subquery(),
                    document=text,
                    source=RECORD,
                )
            )
        await self._journal.record(
            connection,
            actor,
            "control:use_case:set",
            use_case=name,
            risk=document["risk"],
            floor=document["floor"],
            zones=document["zones"],
            review_date=document.get("review"),
        )

    async def _require_record(self, connection: AsyncConnection, name: str) -> Any:
        """The row of a use case that no file owns; None when there is none of this name."""
        query = select(catalogue).where(catalogue.c.kind == _KIND, catalogue.c.name == name)
        row = (await connection.execute(query)).first()
        if row is not None and row.source == FILE:
            found = await self._catalogue.load(connection)
            file = orjson.loads(found["register"][0]).get("file") or "the configuration file"
            raise Refusal(
                f"{file} owns the use case {name}: change it there and apply it. To keep it as a "
                "record instead, take it out of the file first.",
                code="owned_by_file",
            )
        return row


def _unknown(name: str) -> InvalidRequest:
    return InvalidRequest(f"There is no use case {name!r}.", code="not_found")
