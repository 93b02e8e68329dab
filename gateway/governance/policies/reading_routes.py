"""``/admin/v1/policies``: bundles in words, the one in force and earlier ones."""

import asyncio

from fastapi import APIRouter, Depends

from gateway.core.errors import InvalidRequest
from gateway.core.objects.keys import KEY
from gateway.core.snapshot import bundle_digest
from gateway.decisions import BundleError
from gateway.governance.http.permissions import Guard
from gateway.governance.policies.rule_sentences import rule_sentences
from gateway.governance.policies.schemas import BundleComparison, PolicyNames, RulesResponse
from gateway.governance.policies.service import Policies


def router(guard: Guard, policies: Policies) -> APIRouter:
    """The routes that read a bundle."""
    routes = APIRouter(prefix="/policies")
    read = Depends(guard.allowed("policies:read"))
    may_try = Depends(guard.allowed("policies:try"))

    @routes.get("/rules", dependencies=[read])
    async def rules(digest: str | None = None) -> RulesResponse:
        files = await policies.active() if digest is None else await policies.get(digest)
        if files is None:
            raise InvalidRequest("There is no bundle with this digest.", code="not_found")
        try:
            found = await asyncio.to_thread(rule_sentences, files)
        except BundleError as error:
            raise InvalidRequest(str(error)) from error
        return RulesResponse(digest=bundle_digest(files), rules=found)

    @routes.get("/difference", dependencies=[read])
    async def difference(before: str, after: str) -> BundleComparison:
        return await policies.compare_known(before, after)

    @routes.get("/names", dependencies=[may_try])
    async def names() -> PolicyNames:
        objects = await policies.objects()

        def of(*kinds: str) -> list[str]:
            return sorted(name for kind, name in objects if kind in kinds)

        keys = sorted(str(one["name"]) for (kind, _), one in objects.items() if kind == KEY)
        return PolicyNames(
            teams=of("team"), keys=keys, use_cases=of("use_case"), models=of("alias", "deployment")
        )

    return routes
