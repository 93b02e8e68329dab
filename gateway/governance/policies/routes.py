"""``/admin/v1/policies``: read, try, check and propose bundles."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends

from gateway.core.errors import InvalidRequest
from gateway.core.snapshot import bundle_digest
from gateway.decisions import BundleError
from gateway.governance.actor import Actor
from gateway.governance.http.permissions import Guard
from gateway.governance.http.schemas import ObjectStateResponse
from gateway.governance.policies.bundle import check
from gateway.governance.policies.convergence import PolicyStatus
from gateway.governance.policies.draft_files import DraftFiles
from gateway.governance.policies.error_place import place_of
from gateway.governance.policies.preview import try_text
from gateway.governance.policies.preview_scanner import PreviewScanner
from gateway.governance.policies.probe import ProbeText
from gateway.governance.policies.schemas import (
    BundleBody,
    BundleRollbackBody,
    CheckedFault,
    CheckResponse,
    PoliciesResponse,
    PolicyDraftBody,
    PolicyFault,
    PolicyStatusResponse,
    PolicyTestResponse,
    PreviewResponse,
    TryBody,
)
from gateway.governance.policies.service import Policies
from gateway.governance.policies.trial import trial_of
from gateway.governance.proposals.bundle_report import PolicyDifference
from gateway.governance.proposals.service import Proposals
from gateway.governance.proposals.states import PENDING
from gateway.governance.terms.service import CustomTerms
from gateway.privacy import Scope, Vault, spans_of


def router(
    guard: Guard,
    policies: Policies,
    state: PolicyStatus,
    terms: CustomTerms,
    scanner: PreviewScanner,
    drafts: DraftFiles,
    *,
    placeholder_key: bytes,
) -> APIRouter:
    """The routes of this slice."""
    routes = APIRouter(prefix="/policies")
    read = Depends(guard.allowed("policies:read"))
    may_try = Depends(guard.allowed("policies:try"))

    @routes.get("", dependencies=[read])
    async def get() -> PoliciesResponse:
        files = await policies.active()
        history = await policies.list()
        return PoliciesResponse(digest=bundle_digest(files), files=files, history=history)

    @routes.get("/status", dependencies=[read])
    async def status() -> PolicyStatusResponse:
        return await state.show()

    @routes.post("/try")
    async def try_it(body: TryBody, actor: Annotated[Actor, may_try]) -> PreviewResponse:
        files = await (drafts.of(body.draft) if body.draft else policies.active())
        try:
            policy = await asyncio.to_thread(check, files)
            trial = trial_of(body, await policies.objects(), actor.id)
        except (BundleError, ValueError) as error:
            raise InvalidRequest(str(error)) from error
        findings, categories = await scanner.read(body.text, await terms.compiled())
        vault = Vault(
            placeholder_key,
            Scope("try-it", actor.id, actor.id, ""),
            policy.redaction.types,
            hints=policy.redaction.hints,
            standing=[body.text],
        )
        redacted = vault.redact(body.text, spans_of(body.text, findings))
        text = ProbeText(body.text, body.position, categories)
        return await asyncio.to_thread(
            try_text,
            policy,
            trial,
            text,
            findings,
            redacted,
            provider=body.provider,
            flagged_by=body.flagged_by,
        )

    return routes


def draft_router(
    guard: Guard, policies: Policies, proposals: Proposals, drafts: DraftFiles
) -> APIRouter:
    """The routes that check, compare and propose a draft."""
    routes = APIRouter(prefix="/policies")
    may_try = Depends(guard.allowed("policies:try"))
    propose_ = Depends(guard.allowed("policies:propose"))

    @routes.post("/check", dependencies=[may_try])
    async def check_bundle(body: PolicyDraftBody) -> CheckResponse:
        files = await drafts.of(body)
        try:
            verdict = await policies.check(files)
        except BundleError as error:
            return await asyncio.to_thread(_unusable, str(error), files)
        return CheckResponse(
            ok=all(result.passed for result in verdict.tests),
            error=None,
            tests=[PolicyTestResponse.model_validate(result) for result in verdict.tests],
            faults=[
                CheckedFault(
                    file=fault.file,
                    line=fault.line,
                    message=fault.message,
                    new=fault in verdict.new,
                )
                for fault in verdict.faults
            ],
        )

    @routes.post("/difference", dependencies=[may_try])
    async def compare(body: BundleBody) -> PolicyDifference:
        return await policies.compare(body.files, whole=body.whole, base=body.base)

    @routes.post("/proposals", status_code=201)
    async def propose(body: BundleBody, actor: Annotated[Actor, propose_]) -> ObjectStateResponse:
        draft = await policies.draft(body.files, whole=body.whole, base=body.base)
        identity = await proposals.create(draft, actor, comment=body.comment)
        return ObjectStateResponse(id=identity, state=PENDING)

    @routes.post("/rollback", status_code=201)
    async def roll_back(
        body: BundleRollbackBody, actor: Annotated[Actor, propose_]
    ) -> ObjectStateResponse:
        draft = await policies.draft_rollback(body.to)
        identity = await proposals.create(draft, actor, comment=body.comment)
        return ObjectStateResponse(id=identity, state=PENDING)

    return routes


def _unusable(error: str, files: dict[str, str]) -> CheckResponse:
    """The answer to a bundle that does not compile: why, and where."""
    file, line = place_of(error, files)
    place = PolicyFault(file=file, line=line, message=error) if file else None
    return CheckResponse(ok=False, error=error, tests=[], faults=[], place=place)
