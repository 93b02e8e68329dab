"""The control plane as one application."""

from collections.abc import Callable

from fastapi import FastAPI

from gateway.governance.http import (
    audit,
    catalogue,
    complaints,
    holds,
    incidents,
    keys,
    models,
    overview,
    policies,
    proposals,
    refusals,
    reports,
    subjects,
    terms,
)
from gateway.governance.plane import ControlPlane


def create_app(plane: ControlPlane, *, resolve: Callable[[str], str | None]) -> FastAPI:
    """The application; ``resolve`` gives values of ``env:NAME`` for applied files."""
    app = FastAPI(title="Sluis control plane", version="1", docs_url=None, redoc_url=None)
    app.include_router(overview.operations(plane))
    app.include_router(complaints.intake(plane))
    for router in (
        overview.router(plane),
        keys.router(plane),
        catalogue.router(plane, resolve),
        models.router(plane),
        policies.router(plane),
        proposals.router(plane),
        terms.router(plane),
        audit.router(plane),
        subjects.router(plane),
        holds.router(plane),
        incidents.router(plane),
        complaints.router(plane),
        reports.router(plane),
    ):
        app.include_router(router, prefix="/admin/v1")
    refusals.install(app)
    return app
