"""``/admin/v1/cases``: which cases are about a person."""

from typing import Annotated

from fastapi import APIRouter, Depends

from gateway.governance.access_control.permissions import Permissions
from gateway.governance.actor import Actor
from gateway.governance.cases.case_index import COMPLAINT, INCIDENT, REQUEST
from gateway.governance.cases.search.schemas import CaseSearchBody, CaseSearchResponse
from gateway.governance.cases.search.service import CaseSearch, PersonSearch
from gateway.governance.http.permissions import Guard
from gateway.governance.person_keys import subjects_of
from gateway.governance.pseudonyms.service import PersonPrivacy

_READ = {
    INCIDENT: "incidents:read",
    COMPLAINT: "complaints:read",
    REQUEST: "requests:read",
}


def router(
    guard: Guard, search: CaseSearch, permissions: Permissions, privacy: PersonPrivacy
) -> APIRouter:
    """The routes of this slice."""
    routes = APIRouter(prefix="/cases")
    find = Depends(guard.allowed("subjects:find"))

    @routes.post("/search")
    async def search_cases(
        body: CaseSearchBody, actor: Annotated[Actor, find]
    ) -> CaseSearchResponse:
        """The cases of a person, among the kinds that the caller may read."""
        await privacy.check_search({"principal": body.pseudonym})
        may = permissions.of(actor)
        question = PersonSearch(
            subjects=tuple(subjects_of(body.subjects)),
            words=body.words,
            pseudonym=body.pseudonym,
            kinds=[kind for kind, needed in _READ.items() if needed in may],
            limit=body.limit,
            before=body.before,
        )
        return await search.search(question, actor, reason=body.reason)

    return routes
