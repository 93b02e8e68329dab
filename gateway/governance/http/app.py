"""The control plane as one ASGI application."""

from collections.abc import Callable

from fastapi import FastAPI

from gateway.governance.audit import routes as audit
from gateway.governance.cases.complaints import routes as complaints
from gateway.governance.cases.incidents import routes as incidents
from gateway.governance.catalogue import routes as catalogue
from gateway.governance.data_subjects import routes as data_subjects
from gateway.governance.holds import routes as holds
from gateway.governance.http import errors, status
from gateway.governance.keys import routes as keys
from gateway.governance.models import routes as models
from gateway.governance.plane import ControlPlane
from gateway.governance.policies import routes as policies
from gateway.governance.proposals import routes as proposals
from gateway.governance.reports import routes as reports
from gateway.governance.terms import routes as terms


def create_app(plane: ControlPlane, *, resolve: Callable[[str], str | None]) -> FastAPI:
    """The application; ``resolve`` gives values of ``env:NAME`` for applied files."""
    app = FastAPI(title="Sluis control plane", version="1", docs_url=None, redoc_url=None)
    app.include_router(status.probes(plane))
    app.include_router(complaints.intake(plane))
    for router in (
        status.router(plane),
        keys.router(plane),
        catalogue.router(plane, resolve),
        models.router(plane),
        policies.router(plane),
        proposals.router(plane),
        terms.router(plane),
        audit.router(plane),
        data_subjects.router(plane),
        holds.router(plane),
        incidents.router(plane),
        complaints.router(plane),
        reports.router(plane),
    ):
        app.include_router(router, prefix="/admin/v1")
    errors.install(app)
    return app
