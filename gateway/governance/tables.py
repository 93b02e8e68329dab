"""Every table of the control plane: importing this module completes the metadata."""

from gateway.governance.audit import tables as audit
from gateway.governance.break_glass import tables as break_glass
from gateway.governance.cases import tables as cases
from gateway.governance.changes import tables as changes
from gateway.governance.data_subjects import tables as data_subjects
from gateway.governance.evaluations import tables as evaluations
from gateway.governance.holds import tables as holds
from gateway.governance.issuer_keys import tables as issuer_keys
from gateway.governance.keys import tables as keys
from gateway.governance.merkle_log import tables as merkle_log
from gateway.governance.models import tables as models
from gateway.governance.notices import tables as notices
from gateway.governance.persons import tables as persons
from gateway.governance.policies import tables as policies
from gateway.governance.proposals import tables as proposals
from gateway.governance.reports import tables as reports
from gateway.governance.reviews import tables as reviews
from gateway.governance.saved_views import tables as saved_views
from gateway.governance.security_events import tables as security_events
from gateway.governance.snapshots import tables as snapshots
from gateway.governance.stops import tables as stops
from gateway.governance.terms import tables as terms
from gateway.governance.usage import tables as usage
from gateway.storage.metadata import metadata

SLICES = (
    audit,
    break_glass,
    cases,
    changes,
    data_subjects,
    evaluations,
    holds,
    issuer_keys,
    keys,
    merkle_log,
    models,
    notices,
    persons,
    policies,
    proposals,
    reports,
    reviews,
    saved_views,
    security_events,
    snapshots,
    stops,
    terms,
    usage,
)
__all__ = ["SLICES", "metadata"]
