"""``/admin/v1/identity``: the providers, and the trial of a token."""

from fastapi import APIRouter, Depends

from gateway.governance.http.permissions import Guard
from gateway.governance.identity_providers.schemas import (
    ProvidersResponse,
    TokenBody,
    TokenTrialResponse,
)
from gateway.governance.identity_providers.service import IdentityProviders


def router(guard: Guard, providers: IdentityProviders) -> APIRouter:
    """The routes of this slice."""
    routes = APIRouter(prefix="/identity", dependencies=[Depends(guard.allowed("catalogue:read"))])

    @routes.get("/providers")
    async def get() -> ProvidersResponse:
        return await providers.list()

    @routes.post("/test")
    async def test(body: TokenBody) -> TokenTrialResponse:
        return await providers.explain(body.token)

    return routes
