"""``/admin/v1/policies``: read, try, check and propose bundles."""

from typing import Annotated

from fastapi import APIRouter, Depends

from gateway.core.errors import InvalidRequest
from gateway.core.level import Level
from gateway.decisions import BundleError
from gateway.governance.actor import Actor
from gateway.governance.http.permissions import allowed
from gateway.governance.http.schemas import ObjectStateResponse
from gateway.governance.plane import ControlPlane
from gateway.governance.policies.preview import try_text
from gateway.governance.policies.schemas import (
    BundleBody,
    CheckResponse,
    PoliciesResponse,
    PolicyTestResponse,
    PreviewResponse,
    TryBody,
)
from gateway.governance.policies.service import check, run_tests
from gateway.governance.proposals.service import PENDING
from gateway.privacy import Scope, Vault, spans_of


def router(plane: ControlPlane) -> APIRouter:
    """The routes of this slice."""
    routes = APIRouter(prefix="/policies")
    read = Depends(allowed(plane, "policies:read"))
    may_try = Depends(allowed(plane, "policies:try"))
    propose_ = Depends(allowed(plane, "policies:propose"))

    @routes.get("", dependencies=[read])
    async def get() -> PoliciesResponse:
        files = await plane.policies.active()
        history = await plane.policies.list()
        return PoliciesResponse(digest=check(files).digest, files=files, history=history)

    @routes.post("/try")
    async def try_it(body: TryBody, actor: Annotated[Actor, may_try]) -> PreviewResponse:
        policy = check(await plane.policies.active())
        try:
            clearance, floor = Level.parse(body.clearance), Level.parse(body.floor)
        except ValueError as error:
            raise InvalidRequest(str(error)) from error
        findings = await plane.preview_scanner.findings(body.text, await plane.terms.compiled())
        vault = Vault(
            plane.secrets.placeholder,
            Scope("try-it", actor.id, actor.id, ""),
            policy.redaction.types,
            hints=policy.redaction.hints,
            standing=[body.text],
        )
        redacted = vault.redact(body.text, spans_of(body.text, findings))
        return try_text(policy, body.text, findings, redacted, clearance=clearance, floor=floor)

    @routes.post("/check", dependencies=[may_try])
    async def check_bundle(body: BundleBody) -> CheckResponse:
        files = {**await plane.policies.active(), **body.files}
        try:
            results = run_tests(files)
        except BundleError as error:
            return CheckResponse(ok=False, error=str(error), tests=[])
        tests = [PolicyTestResponse.model_validate(result) for result in results]
        return CheckResponse(ok=all(test.passed for test in tests), error=None, tests=tests)

    @routes.post("/proposals", status_code=201)
    async def propose(body: BundleBody, actor: Annotated[Actor, propose_]) -> ObjectStateResponse:
        draft = await plane.policies.draft(body.files)
        identity = await plane.proposals.create(draft, actor, comment=body.comment)
        return ObjectStateResponse(id=identity, state=PENDING)

    return routes
