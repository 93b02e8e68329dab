"""Use cases as records of the control plane, beside those that the applied file owns.

The file and the records never fight: an object says which of the two owns it, and only that one
changes it.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import msgspec
import orjson
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.approvals.objects import document_of
from gateway.compiled.policy import use_case_rules
from gateway.core.errors import InvalidRequest
from gateway.core.snapshot import Key, UseCase
from gateway.governance.actor import Actor
from gateway.governance.catalogue.difference import difference_of
from gateway.governance.catalogue.service import Catalogue
from gateway.governance.catalogue.use_case_duties import missing_for_high_risk, needs_fria
from gateway.governance.changes.edits import FILE, RECORD, Edit, Submitted
from gateway.governance.changes.tables import catalogue
from gateway.governance.journal import Journal
from gateway.governance.policies.service import active_files
from gateway.governance.stops.store import in_force
from gateway.governance.use_cases.schemas import UseCaseResponse
from gateway.storage.database import Database

Submit = Callable[..., Awaitable[Submitted]]
_KIND = "use_case"


class UseCases:
    """Lists, stores and deletes use cases."""

    def __init__(
        self,
        database: Database,
        journal: Journal,
        catalogue_: Catalogue,
        submit: Submit,
        *,
        keys: Callable[[AsyncConnection], Awaitable[list[Key]]],
        wall: Callable[[], float],
    ) -> None:
        """``submit`` makes an edit, or proposes it; ``keys`` gives those that are not revoked.

        ``wall`` is epoch seconds.
        """
        self._database = database
        self._journal = journal
        self._catalogue = catalogue_
        self._submit = submit
        self._keys = keys
        self._wall = wall

    async def list(self) -> Sequence[UseCaseResponse]:
        """All use cases by name, each with its state now."""
        async with self._database.read() as connection:
            found = await self._catalogue.load(connection)
            rules = use_case_rules(await active_files(connection))
            stopped = (await in_force(connection)).use_cases
            query = select(catalogue.c.name, catalogue.c.source).where(catalogue.c.kind == _KIND)
            sources = {row.name: row.source for row in await connection.execute(query)}
        register = orjson.loads(found["register"][0]) if found["register"] else {}
        shown = []
        for raw in found[_KIND]:
            document = orjson.loads(raw)
            name = document["name"]
            case = msgspec.convert(document | register["use_cases"].get(name, {}), UseCase)
            source = sources[name]
            shown.append(
                UseCaseResponse(
                    **msgspec.structs.asdict(case)
                    | {
                        "review": case.review or None,
                        "limits": msgspec.to_builtins(case.limits),
                        "budget": msgspec.to_builtins(case.budget),
                    },
                    source=source,
                    file=register.get("file") if source == FILE else None,
                    review_state=rules.review(case.review, self._wall()),
                    lacking=missing_for_high_risk(case),
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

    async def put(
        self, name: str, stated: UseCase, actor: Actor
    ) -> tuple[Sequence[str], Submitted]:
        """Create a use case, or replace what is stated; gives the names of fields that changed.

        What widens waits for another person.

        Raises:
            InvalidRequest: when one of high risk lacks its assessment or review date, or the
                applied file owns it (``owned_by_file``).
        """
        case = msgspec.structs.replace(stated, name=name)
        if lacking := missing_for_high_risk(case):
            code = "fria_needed" if needs_fria(case) else None
            raise InvalidRequest(f"{name}: {lacking}.", code=code, param="risk")
        async with self._database.write() as connection:
            before = await self._record(connection, name)
            difference = difference_of(before, case)
            done = Submitted()
            if difference or before is None:
                facts = difference.facts()
                done = await self._store(
                    connection, name, case, actor, "control:use_case:set", facts
                )
        return difference.changed, done

    async def delete(self, name: str, actor: Actor) -> None:
        """Delete a use case; its stop, if it has one, stays.

        Raises:
            InvalidRequest: when there is no such use case, the applied file owns it
                (``owned_by_file``), or keys name it (``in_use``).
        """
        async with self._database.write() as connection:
            if await self._record(connection, name) is None:
                raise _unknown(name)
            users = [key.name for key in await self._keys(connection) if name in key.purposes]
            if users:
                raise InvalidRequest(
                    f"Keys are for this use case: {', '.join(users[:10])}. Revoke or change them "
                    "first.",
                    code="in_use",
                )
            await self._store(connection, name, None, actor, "control:use_case:delete", {})

    async def _store(
        self,
        connection: AsyncConnection,
        name: str,
        case: UseCase | None,
        actor: Actor,
        event: str,
        facts: dict[str, Any],
    ) -> Submitted:
        """Store a use case, delete it, or propose that, and write its entry."""
        last = (await connection.execute(select(func.max(catalogue.c.position)))).scalar()
        document = document_of(case) if case else None
        edit = Edit(_KIND, name, document, RECORD, (last or 0) + 1)
        done = await self._submit(connection, [edit], actor, door=actor.via)
        await self._journal.record(
            connection, actor, event, use_case=name, **facts, proposal=done.proposal
        )
        return done

    async def _record(self, connection: AsyncConnection, name: str) -> UseCase | None:
        """The stored use case; None without one.

        Raises:
            InvalidRequest: when the applied file owns it.
        """
        query = select(catalogue).where(catalogue.c.kind == _KIND, catalogue.c.name == name)
        row = (await connection.execute(query)).first()
        if row is None:
            return None
        if row.source == FILE:
            found = await self._catalogue.load(connection)
            file = orjson.loads(found["register"][0]).get("file") or "sluis.yaml"
            raise InvalidRequest(
                f"{file} owns the use case {name}: change it there and apply it. To keep it as a "
                "record instead, take it out of the file first.",
                code="owned_by_file",
            )
        return msgspec.json.decode(row.document, type=UseCase)


def _unknown(name: str) -> InvalidRequest:
    return InvalidRequest(f"There is no use case {name!r}.", code="not_found")
