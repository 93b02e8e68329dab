"""``/admin/v1/policies``: look, try and propose."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field

from gateway.core.errors import InvalidRequest
from gateway.core.level import Level
from gateway.decisions import BundleError
from gateway.governance.access_control.actor import Actor
from gateway.governance.access_control.permissions import allowed
from gateway.governance.http.schemas import Body, Document
from gateway.governance.plane import ControlPlane
from gateway.governance.policies.service import check, run_tests, try_text
from gateway.privacy import Scope, Vault, spans_of


class TryBody(Body):
    """A text for the try-it box, with the clearance and floor of an imagined key."""

    text: str = Field(max_length=100_000)
    clearance: str = "restricted"
    floor: str = "internal"


class BundleBody(Body):
    """Files of a bundle; those that are left out stay as they are."""

    files: dict[str, str]
    comment: str = ""


def router(plane: ControlPlane) -> APIRouter:
    """The routes of this subject."""
    routes = APIRouter(prefix="/policies")
    read = Depends(allowed(plane, "policies:read"))
    may_try = Depends(allowed(plane, "policies:try"))
    propose_ = Depends(allowed(plane, "policies:propose"))

    @routes.get("", dependencies=[read])
    async def show() -> Document:
        files = await plane.policies.active()
        return {
            "digest": check(files).digest,
            "files": files,
            "history": await plane.policies.history(),
        }

    @routes.post("/try")
    async def try_it(body: TryBody, actor: Annotated[Actor, may_try]) -> Document:
        policy = check(await plane.policies.active())
        try:
            clearance, floor = Level.parse(body.clearance), Level.parse(body.floor)
        except ValueError as error:
            raise InvalidRequest(str(error)) from error
        findings = await plane.reader.findings(body.text, await plane.terms.compiled())
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
    async def check_bundle(body: BundleBody) -> Document:
        files = {**await plane.policies.active(), **body.files}
        try:
            results = run_tests(files)
        except BundleError as error:
            return {"ok": False, "error": str(error), "tests": []}
        tests = [asdict(result) for result in results]
        return {"ok": all(result.passed for result in results), "error": None, "tests": tests}

    @routes.post("/proposals", status_code=201)
    async def propose(body: BundleBody, actor: Annotated[Actor, propose_]) -> Document:
        identity = await plane.proposals.propose_bundle(body.files, actor, comment=body.comment)
        return {"id": identity, "state": "pending"}

    return routes
