"""``/admin/v1/models``: list, register, approve, tag and quarantine versions."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request

from gateway.core.model_life import DEPRECATED, DRAFT, QUARANTINED, RETIRED
from gateway.governance.actor import Actor
from gateway.governance.http.pages import Paged, page_of
from gateway.governance.http.permissions import Guard
from gateway.governance.http.schemas import ReasonBody, StateResponse
from gateway.governance.identity_providers.approval_flow import ApprovalFlow
from gateway.governance.identity_providers.schemas import (
    SignedBody,
    SignOnBody,
    SignOnResponse,
)
from gateway.governance.models.card_exports.hugging_face import hugging_face_card
from gateway.governance.models.card_exports.ml_bom import ml_bom
from gateway.governance.models.model_card import ModelCard
from gateway.governance.models.schemas import (
    ApprovedResponse,
    BillOfMaterials,
    CardBody,
    CardResponse,
    DeprecateBody,
    HistoryResponse,
    ModelBody,
    ModelListResponse,
    RegisteredResponse,
    RegisteredVersion,
    RollbackBody,
    TagBody,
    TaggedResponse,
    UploadedResponse,
)
from gateway.governance.models.service import ModelRegistry
from gateway.governance.models.uploads import Uploads


def router(
    guard: Guard,
    models: ModelRegistry,
    uploads: Uploads,
    flow: ApprovalFlow,
    publish: Callable[[], Awaitable[object]],
) -> APIRouter:
    """The routes of this slice."""
    routes = APIRouter(prefix="/models")
    read = Depends(guard.allowed("models:read"))
    quarantine_ = Depends(guard.allowed("models:quarantine"))

    @routes.get("", dependencies=[read])
    async def list_versions(page: Paged) -> ModelListResponse:
        found, following = page_of(
            await models.list(),
            page,
            name=lambda one: one.name,
            place=lambda one: f"{one.name}@{one.version}",
        )
        return ModelListResponse(
            models=found, approvals_needed=models.approvals_needed(), next=following
        )

    @routes.post("/{name}/{version}/quarantine")
    async def quarantine(
        name: str, version: str, body: ReasonBody, actor: Annotated[Actor, quarantine_]
    ) -> StateResponse:
        await models.quarantine(name, version, actor, reason=body.reason)
        await publish()
        return StateResponse(state=QUARANTINED)

    _add_approval_routes(routes, guard, models, flow, publish)
    _add_registration_routes(routes, guard, models, uploads)
    _add_card_routes(routes, guard, models)
    _add_tag_routes(routes, guard, models, publish)
    return routes


def _add_approval_routes(
    routes: APIRouter,
    guard: Guard,
    models: ModelRegistry,
    flow: ApprovalFlow,
    publish: Callable[[], Awaitable[object]],
) -> None:
    approve_ = Depends(guard.allowed("models:approve"))

    @routes.post("/{name}/{version}/approve")
    async def approve(
        name: str,
        version: str,
        actor: Annotated[Actor, approve_],
        body: SignedBody | None = None,
    ) -> ApprovedResponse:
        signing = await flow.signed(actor, body.sign_on if body else None)
        tally = await models.approve(name, version, signing)
        await publish()
        return ApprovedResponse(
            state=tally.state,
            approvals=tally.given,
            needed=tally.needed,
            evaluations_lacking=list(tally.evaluations_lacking),
        )

    @routes.post("/{name}/{version}/sign-on")
    async def sign_on(
        name: str, version: str, body: SignOnBody, actor: Annotated[Actor, approve_]
    ) -> SignOnResponse:
        """Begin the sign-on that signs an approval; nothing is approved yet."""
        approval = partial(models.approve, name, version)
        return await flow.begin(actor, body.redirect_uri, f"models/{name}/{version}", approval)


def _add_registration_routes(
    routes: APIRouter, guard: Guard, models: ModelRegistry, uploads: Uploads
) -> None:
    register_ = Depends(guard.allowed("models:register"))

    @routes.post("", status_code=201)
    async def register(body: ModelBody, actor: Annotated[Actor, register_]) -> RegisteredResponse:
        if statement := body.statement:
            digest = await models.register_stated(
                body.name,
                body.version,
                actor,
                statement=statement,
                clearance=body.clearance,
                card=body.card or "",
            )
        else:
            digest = await models.register(
                body.name,
                body.version,
                actor,
                base=_place(body.base or "", actor),
                adapter=_place(body.adapter, actor) if body.adapter else None,
                clearance=body.clearance,
                card=body.card,
            )
        return RegisteredResponse(digest=digest, state=DRAFT)

    @routes.put("/uploads", dependencies=[register_])
    async def add_piece(
        upload: Annotated[str, Query(max_length=64)],
        name: Annotated[str, Query(max_length=400)],
        offset: Annotated[int, Query(ge=0, le=2**50)],
        request: Request,
    ) -> UploadedResponse:
        piece = await request.body()
        size = await asyncio.to_thread(uploads.add, upload, name, offset, piece)
        return UploadedResponse(size=size)


def _place(text: str, actor: Actor) -> Path | str:
    """A directory; anywhere for the operator of the machine, who reads its disk without Sluis."""
    return Path(text) if actor.via == "local" else text


def _add_card_routes(routes: APIRouter, guard: Guard, models: ModelRegistry) -> None:
    read = Depends(guard.allowed("models:read"))
    register_ = Depends(guard.allowed("models:register"))

    @routes.get("/{name}/{version}/card", dependencies=[read])
    async def card(name: str, version: str) -> CardResponse:
        return _card_of(*await models.described(name, version))

    @routes.put("/{name}/{version}/card")
    async def set_card(
        name: str, version: str, body: CardBody, actor: Annotated[Actor, register_]
    ) -> CardResponse:
        await models.set_card(name, version, actor, text=body.text)
        return _card_of(*await models.described(name, version))

    @routes.get("/{name}/{version}/bom", dependencies=[read])
    async def bom(name: str, version: str) -> BillOfMaterials:
        return BillOfMaterials.model_validate(ml_bom(*await models.described(name, version)))


def _add_tag_routes(
    routes: APIRouter,
    guard: Guard,
    models: ModelRegistry,
    publish: Callable[[], Awaitable[object]],
) -> None:
    read = Depends(guard.allowed("models:read"))
    tag_ = Depends(guard.allowed("models:tag"))

    @routes.post("/{name}/{version}/deprecate")
    async def deprecate(
        name: str, version: str, body: DeprecateBody, actor: Annotated[Actor, tag_]
    ) -> StateResponse:
        await models.deprecate(name, version, actor, until=body.until, reason=body.reason)
        await publish()
        return StateResponse(state=DEPRECATED)

    @routes.post("/{name}/{version}/retire")
    async def retire(
        name: str, version: str, body: ReasonBody, actor: Annotated[Actor, tag_]
    ) -> StateResponse:
        await models.retire(name, version, actor, reason=body.reason)
        await publish()
        return StateResponse(state=RETIRED)

    @routes.post("/{name}/{version}/promote")
    async def promote(
        name: str, version: str, body: TagBody, actor: Annotated[Actor, tag_]
    ) -> TaggedResponse:
        await models.promote(name, version, actor, tag=body.tag)
        await publish()
        return TaggedResponse(tag=body.tag, version=version)

    @routes.post("/{name}/rollback")
    async def rollback(
        name: str, body: RollbackBody, actor: Annotated[Actor, tag_]
    ) -> TaggedResponse:
        version = await models.rollback(name, actor, tag=body.tag, to=body.to)
        await publish()
        return TaggedResponse(tag=body.tag, version=version)

    @routes.get("/{name}/history", dependencies=[read])
    async def history(
        name: str, tag: Annotated[str | None, Query(max_length=64)] = None
    ) -> HistoryResponse:
        return HistoryResponse(moves=await models.history(name, tag))


def _card_of(version: RegisteredVersion, card: ModelCard) -> CardResponse:
    return CardResponse(card=card, missing=card.missing(), readme=hugging_face_card(version, card))
