"""``/admin/v1/reviews``: requests that a rule flagged, and what a person decides about them."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from gateway.governance.actor import Actor
from gateway.governance.http.permissions import Guard
from gateway.governance.reviews.schemas import (
    ReviewDecisionBody,
    ReviewListResponse,
    ReviewResponse,
    ReviewState,
)
from gateway.governance.reviews.service import ReviewQuestion, Reviews


def router(guard: Guard, reviews: Reviews) -> APIRouter:
    """The routes of this slice."""
    routes = APIRouter(prefix="/reviews")
    read = Depends(guard.allowed("reviews:read"))
    decide_ = Depends(guard.allowed("reviews:decide"))

    @routes.get("", dependencies=[read])
    async def list_reviews(
        state: Annotated[ReviewState | None, Query()] = None,
        rule: Annotated[str | None, Query(max_length=128)] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        before: Annotated[str | None, Query(max_length=128)] = None,
    ) -> ReviewListResponse:
        """Flagged requests, newest first; ``before`` of an answer leads to the next page."""
        return await reviews.list(ReviewQuestion(state, rule, limit, before))

    @routes.get("/{request}", dependencies=[read])
    async def get(request: str) -> ReviewResponse:
        return await reviews.get(request)

    @routes.post("/{request}/decide")
    async def decide(
        request: str, body: ReviewDecisionBody, actor: Annotated[Actor, decide_]
    ) -> ReviewResponse:
        """What follows: nothing, or the proposal or incident of ``reference``."""
        return await reviews.decide(
            request, body.outcome, actor, reference=body.reference, reason=body.reason
        )

    return routes
