"""The control plane as one ASGI application."""

from collections.abc import Callable, Sequence

from fastapi import APIRouter, FastAPI

from gateway.governance import status
from gateway.governance.audit import routes as audit_routes
from gateway.governance.break_glass import routes as break_glass_routes
from gateway.governance.cases.complaints import routes as complaint_routes
from gateway.governance.cases.deadlines import routes as deadline_routes
from gateway.governance.cases.incidents import routes as incident_routes
from gateway.governance.cases.person_requests import routes as request_routes
from gateway.governance.cases.search import routes as case_search_routes
from gateway.governance.catalogue import routes as catalogue_routes
from gateway.governance.data_subjects import routes as subject_routes
from gateway.governance.evaluations import routes as evaluation_routes
from gateway.governance.holds import routes as hold_routes
from gateway.governance.home import routes as home_routes
from gateway.governance.http import errors, openapi
from gateway.governance.http.body_reader import BodyReader
from gateway.governance.http.etags import EntityTags
from gateway.governance.http.permissions import Guard
from gateway.governance.http.trusted_proxies import Network, TrustedProxies
from gateway.governance.identity_providers import routes as identity_routes
from gateway.governance.identity_providers.approval_flow import ApprovalFlow
from gateway.governance.keys import routes as key_routes
from gateway.governance.logout import routes as logout_routes
from gateway.governance.mandates import routes as mandate_routes
from gateway.governance.metrics import PlaneMetrics
from gateway.governance.models import routes as model_routes
from gateway.governance.notices import routes as notice_routes
from gateway.governance.own_places import routes as own_place_routes
from gateway.governance.persons import routes as person_routes
from gateway.governance.plane import ControlPlane
from gateway.governance.policies import reading_routes, replay_routes
from gateway.governance.policies import routes as policy_routes
from gateway.governance.policies.draft_files import DraftFiles
from gateway.governance.policies.service import KIND as POLICY_BUNDLE
from gateway.governance.proposals import routes as proposal_routes
from gateway.governance.pseudonyms import routes as pseudonym_routes
from gateway.governance.pseudonyms.response_mask import ResponseMask
from gateway.governance.reports import routes as report_routes
from gateway.governance.reviews import routes as review_routes
from gateway.governance.saved_views import routes as view_routes
from gateway.governance.scim import app as scim
from gateway.governance.snapshots import routes as snapshot_routes
from gateway.governance.snapshots.coalesced import CoalescedPublication
from gateway.governance.stops import routes as stop_routes
from gateway.governance.teams import routes as team_routes
from gateway.governance.terms import routes as term_routes
from gateway.governance.trail_gaps import routes as gap_routes
from gateway.governance.usage import routes as usage_routes
from gateway.governance.use_cases import routes as use_case_routes

Resolve = Callable[[str], str | None]


def create_app(
    plane: ControlPlane,
    *,
    resolve: Resolve,
    metrics: PlaneMetrics | None = None,
    trusted_proxies: Sequence[Network] = (),
) -> FastAPI:
    """The application; ``resolve`` gives values of ``env:NAME`` for applied files.

    ``trusted_proxies`` may say in ``x-forwarded-for`` who calls. With ``metrics`` requests are
    counted, and ``/metrics`` shows them.
    """
    app = FastAPI(title="Sluis control plane", version="1", docs_url=None, redoc_url=None)
    guard = Guard(plane.sign_in, plane.permissions)
    publish = plane.snapshots.publish
    app.include_router(status.probes(plane))
    app.include_router(snapshot_routes.router(plane.worker_snapshots, plane.secrets.worker_token))
    app.include_router(complaint_routes.intake(plane.complaints))
    for router in (*_changing(plane, guard, resolve), *_recording(plane, guard)):
        app.include_router(router, prefix="/admin/v1")
    soon = CoalescedPublication(publish)
    app.include_router(logout_routes.intake(plane.logouts, soon))
    app.router.routes += _scim(plane, guard, soon).routes()
    return _guarded(app, plane, metrics, trusted_proxies)


def _changing(plane: ControlPlane, guard: Guard, resolve: Resolve) -> tuple[APIRouter, ...]:
    """The routes of who may do what, where texts may go, and by which rules."""
    publish, policies, proposals = plane.snapshots.publish, plane.policies, plane.proposals
    flow = ApprovalFlow(
        issuers=plane.snapshots.issuers, secret=resolve, pepper=plane.secrets.pepper
    )
    return (
        status.router(plane, guard),
        key_routes.router(guard, plane.keys, plane.privacy, publish),
        key_routes.own_router(guard, plane.own_keys, publish),
        team_routes.router(guard, plane.teams, publish),
        mandate_routes.router(guard, plane.mandates, publish),
        person_routes.key_router(guard, plane.leaving.hand_over, proposals),
        person_routes.router(
            guard, plane.leaving.persons, plane.leaving.sign_outs, proposals, publish
        ),
        catalogue_routes.router(
            guard,
            plane.catalogue,
            plane.database,
            resolve=resolve,
            refresh_issuers=plane.issuer_keys.refresh,
            publish=plane.snapshots.publish_in_force,
        ),
        identity_routes.router(guard, plane.identity_providers),
        model_routes.router(guard, plane.models, plane.uploads, flow, publish),
        evaluation_routes.router(
            guard,
            plane.evaluations,
            plane.evaluation_jobs,
            plane.evaluation_overrides,
            plane.suite_proposals,
            proposals,
        ),
        *_policy_routers(guard, plane),
        proposal_routes.router(
            guard,
            proposals,
            plane.proposal_thread,
            plane.proposal_reviewers,
            {POLICY_BUNDLE: policies},
        ),
        proposal_routes.deciding_router(
            guard, proposals, plane.proposal_thread, plane.proposal_reviewers, flow, publish
        ),
        own_place_routes.router(guard, plane.own_places, plane.use_cases, plane.stops, publish),
        own_place_routes.approval_router(guard, plane.own_places, proposals, flow, publish),
        term_routes.router(guard, plane.terms, proposals),
    )


def _recording(plane: ControlPlane, guard: Guard) -> tuple[APIRouter, ...]:
    """The routes of what happened, what is owed for it, and what ends it."""
    publish, policies, proposals = plane.snapshots.publish, plane.policies, plane.proposals
    return (
        audit_routes.router(
            guard,
            plane.trail,
            plane.reveals,
            plane.exports,
            plane.permissions,
            plane.database,
            plane.privacy,
        ),
        gap_routes.router(guard, plane.trail_gaps, proposals),
        pseudonym_routes.router(guard, plane.pseudonyms),
        subject_routes.router(guard, plane.subjects, plane.subject_access, policies, proposals),
        *_case_routers(plane, guard),
        report_routes.router(guard, plane.reports),
        break_glass_routes.router(guard, plane.break_glass),
        use_case_routes.router(guard, plane.use_cases, publish),
        home_routes.router(guard, plane.home),
        notice_routes.router(guard, plane.notices),
        review_routes.router(guard, plane.reviews),
        view_routes.router(guard, plane.saved_views),
        usage_routes.router(guard, plane.usage, plane.privacy),
    )


def _case_routers(plane: ControlPlane, guard: Guard) -> tuple[APIRouter, ...]:
    return (
        hold_routes.router(guard, plane.holds, plane.policies, plane.proposals),
        stop_routes.router(guard, plane.stops, plane.proposals),
        deadline_routes.router(guard, plane.deadlines, plane.proposals),
        incident_routes.router(guard, plane.incidents),
        incident_routes.measures_router(
            guard, plane.incidents, plane.containment, plane.follow_ups
        ),
        incident_routes.draft_router(guard, plane.report_drafts),
        complaint_routes.router(guard, plane.complaints),
        request_routes.router(guard, plane.person_requests),
        case_search_routes.router(guard, plane.case_search, plane.permissions, plane.privacy),
    )


def _guarded(
    app: FastAPI,
    plane: ControlPlane,
    metrics: PlaneMetrics | None,
    trusted_proxies: Sequence[Network],
) -> FastAPI:
    """The application behind what each of its requests passes; what is added last comes first."""
    errors.install(app)
    openapi.describe(app)
    app.add_middleware(ResponseMask, privacy=plane.privacy)
    app.add_middleware(EntityTags)
    app.add_middleware(BodyReader, sign_in=plane.sign_in, scim_refused=scim.refusal_response)
    app.add_middleware(TrustedProxies, networks=trusted_proxies)
    if metrics is not None:
        metrics.install(app)
    return app


def _scim(plane: ControlPlane, guard: Guard, publish: CoalescedPublication) -> scim.ScimApplication:
    persons = plane.leaving.persons
    return scim.ScimApplication(
        guard, plane.database, plane.journal, persons, plane.proposals, publish
    )


def _policy_routers(guard: Guard, plane: ControlPlane) -> list[APIRouter]:
    """The routes about bundles."""
    policies, proposals = plane.policies, plane.proposals
    drafts = DraftFiles(policies, proposals)
    return [
        policy_routes.router(
            guard,
            policies,
            plane.policy_status,
            plane.terms,
            plane.preview_scanner,
            drafts,
            placeholder_key=plane.secrets.placeholder,
        ),
        reading_routes.router(guard, policies),
        policy_routes.draft_router(guard, policies, proposals, drafts),
        replay_routes.router(guard, drafts, plane.replays),
    ]
