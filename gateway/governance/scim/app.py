"""``/scim/v2`` as an ASGI application that is loaded when the first request comes.

Its schemas take half a second to load, and most processes of the control plane, commands among
them, never need them.
"""

import asyncio
from functools import cached_property
from typing import TYPE_CHECKING

from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from gateway.core.errors import Refusal
from gateway.governance.http.permissions import Guard
from gateway.governance.journal import Journal
from gateway.governance.persons.service import Persons
from gateway.governance.proposals.service import Proposals
from gateway.governance.snapshots.coalesced import CoalescedPublication
from gateway.storage.database import Database

if TYPE_CHECKING:
    from fastapi import APIRouter
    from starlette.responses import Response

_PATH = "/scim/v2"


class ScimApplication:
    """The routes of SCIM."""

    def __init__(
        self,
        guard: Guard,
        database: Database,
        journal: Journal,
        persons: Persons,
        proposals: Proposals,
        publish: CoalescedPublication,
    ) -> None:
        self._guard = guard
        self._collaborators = (database, journal, persons, proposals, publish)
        self._persons = persons

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        application = await asyncio.to_thread(lambda: self.router)
        await application(scope, receive, send)

    def routes(self) -> list[Route]:
        """What routes requests here."""
        return [Route(_PATH, self), Route(f"{_PATH}/{{path:path}}", self)]

    @cached_property
    def router(self) -> "APIRouter":
        """What answers the requests, loaded when it is first asked for."""
        from gateway.governance.scim.groups import ScimGroups
        from gateway.governance.scim.routes import ScimRoutes
        from gateway.governance.scim.users import ScimUsers

        database, journal, *_ = self._collaborators
        users = ScimUsers(*self._collaborators)
        groups = ScimGroups(database, journal, users)
        return ScimRoutes(self._guard, users, groups, self._persons.now).router()


def refusal_response(refusal: Refusal) -> "Response":
    """The response that a refusal becomes under ``/scim/v2``."""
    from gateway.governance.scim import routes

    return routes.refusal_response(refusal)
