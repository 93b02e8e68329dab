"""The control plane as one object: every slice, wired once, for HTTP and for commands."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path

from gateway.core.system.secrets import Secrets
from gateway.evidence.witness import WitnessConfig
from gateway.governance.access_control.permissions import Permissions
from gateway.governance.access_control.service import SignIn
from gateway.governance.audit.exports import Exports
from gateway.governance.audit.reveals import Reveals
from gateway.governance.audit.service import AuditService
from gateway.governance.break_glass.service import BreakGlass
from gateway.governance.cases.complaints.service import Complaints
from gateway.governance.cases.deadlines.service import Deadlines
from gateway.governance.cases.incidents.containment import Containment
from gateway.governance.cases.incidents.follow_ups import FollowUps
from gateway.governance.cases.incidents.report_draft import ReportDrafts
from gateway.governance.cases.incidents.service import Incidents
from gateway.governance.cases.person_requests.service import PersonRequests
from gateway.governance.cases.search.service import CaseSearch
from gateway.governance.cases.text_expiry import CaseTextExpiry
from gateway.governance.catalogue.service import Catalogue
from gateway.governance.changes.governed import Governed
from gateway.governance.changes.recovery_proofs import RecoveryProofs
from gateway.governance.data_subjects.service import DataSubjects
from gateway.governance.evaluations.jobs import EvaluationJobs
from gateway.governance.evaluations.overrides import EvaluationOverrides
from gateway.governance.evaluations.service import Evaluations
from gateway.governance.evaluations.suite_proposals import SuiteProposals
from gateway.governance.holds.service import Holds
from gateway.governance.home.service import Home
from gateway.governance.identity_providers.service import IdentityProviders
from gateway.governance.issuer_keys.service import IssuerKeys
from gateway.governance.journal import Journal
from gateway.governance.kek_check import check_kek
from gateway.governance.keys.first_owner import FirstOwners
from gateway.governance.keys.own_keys import OwnKeys
from gateway.governance.keys.service import Keys
from gateway.governance.leaving import Leaving
from gateway.governance.logout.service import Logouts
from gateway.governance.mandates.service import Mandates
from gateway.governance.models.service import ModelRegistry
from gateway.governance.models.uploads import Uploads
from gateway.governance.notices.channels import NoticeSettings
from gateway.governance.notices.service import Notices
from gateway.governance.own_places.service import OwnPlaces
from gateway.governance.persons.forgetting import Forgetting
from gateway.governance.policies.convergence import PolicyStatus
from gateway.governance.policies.preview_scanner import PreviewScanner
from gateway.governance.policies.replay_reader import ReplayReader
from gateway.governance.policies.service import Policies
from gateway.governance.proposals.change_control import ChangeControl
from gateway.governance.proposals.expiry import ProposalExpiry
from gateway.governance.proposals.reviewers import ProposalReviewers
from gateway.governance.proposals.service import Proposals
from gateway.governance.proposals.thread import ProposalThread
from gateway.governance.pseudonyms.resolution import PseudonymResolver
from gateway.governance.pseudonyms.service import PersonPrivacy
from gateway.governance.reports.service import Reports
from gateway.governance.retention.partition_manager import PartitionManager
from gateway.governance.retention.service import Expiry
from gateway.governance.reviews.service import Reviews
from gateway.governance.saved_views.service import SavedViews
from gateway.governance.snapshots.baseline import Baseline
from gateway.governance.snapshots.service import SnapshotPublisher
from gateway.governance.snapshots.worker_snapshot import WorkerSnapshots
from gateway.governance.stops.service import StopControl
from gateway.governance.subject_access.service import SubjectAccess
from gateway.governance.teams.service import Teams
from gateway.governance.terms.service import CustomTerms
from gateway.governance.trail_gaps.service import TrailGaps
from gateway.governance.usage.service import UsageService
from gateway.governance.use_cases.service import UseCases
from gateway.governance.wiring import Wiring
from gateway.storage.database import Database
from gateway.storage.reachability import Reachability

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ControlPlane:
    """All slices over one database."""

    database: Database
    secrets: Secrets
    reachability: Reachability
    permissions: Permissions
    sign_in: SignIn
    journal: Journal
    baseline: Baseline
    changes: ChangeControl
    governed: Governed
    recovery_proofs: RecoveryProofs
    catalogue: Catalogue
    keys: Keys
    own_keys: OwnKeys
    first_owners: FirstOwners
    teams: Teams
    mandates: Mandates
    leaving: Leaving
    logouts: Logouts
    forgetting: Forgetting
    models: ModelRegistry
    uploads: Uploads
    evaluations: Evaluations
    evaluation_jobs: EvaluationJobs
    evaluation_overrides: EvaluationOverrides
    suite_proposals: SuiteProposals
    policies: Policies
    policy_status: PolicyStatus
    replays: ReplayReader
    terms: CustomTerms
    proposals: Proposals
    proposal_thread: ProposalThread
    proposal_reviewers: ProposalReviewers
    proposal_expiry: ProposalExpiry
    snapshots: SnapshotPublisher
    worker_snapshots: WorkerSnapshots
    issuer_keys: IssuerKeys
    identity_providers: IdentityProviders
    trail: AuditService
    reveals: Reveals
    exports: Exports
    holds: Holds
    deadlines: Deadlines
    incidents: Incidents
    containment: Containment
    follow_ups: FollowUps
    report_drafts: ReportDrafts
    complaints: Complaints
    person_requests: PersonRequests
    subjects: DataSubjects
    subject_access: SubjectAccess
    expiry: Expiry
    case_search: CaseSearch
    case_text_expiry: CaseTextExpiry
    partitions: PartitionManager
    reports: Reports
    privacy: PersonPrivacy
    pseudonyms: PseudonymResolver
    preview_scanner: PreviewScanner
    stops: StopControl
    use_cases: UseCases
    own_places: OwnPlaces
    trail_gaps: TrailGaps
    break_glass: BreakGlass
    usage: UsageService
    reviews: Reviews
    saved_views: SavedViews
    home: Home
    notices: Notices

    async def start(self) -> None:
        """Bring the database up to date and publish a first snapshot.

        Raises:
            WrongKek: when the database was written with another key-encryption key.
        """
        await self.open()
        await self.issuer_keys.refresh()
        await self.snapshots.publish()

    async def open(self) -> None:
        """Bring the database up to date, and check that the key-encryption key is its own.

        Raises:
            WrongKek: when it is not; nothing but the schema has changed.
        """
        await self.database.migrate()
        await check_kek(self.database, self.secrets.kek)
        await self.baseline.establish()
        self.permissions.use(await self.policies.active())

    async def inspect(self) -> None:
        """Get ready to be asked only: what ``open`` would change is refused or left.

        Raises:
            SchemaMismatch: when the database is of another version.
            WrongKek: when it was written with another key-encryption key.
        """
        await self.database.require_usable()
        await check_kek(self.database, self.secrets.kek, record=False)
        self.permissions.use(await self.policies.active())

    async def follow_key_notes(self) -> None:
        """Fetch signing keys that a gateway met and did not know, and publish them."""
        if await self.issuer_keys.follow_notes():
            await self.snapshots.publish()

    async def close(self) -> None:
        """Close all connections."""
        await self.evaluation_jobs.stop()
        await self.sign_in.stop()
        await self.logouts.stop()
        await self.complaints.stop()
        await self.preview_scanner.close()
        self.policies.close()
        await self.trail.close()
        await self.reachability.close()
        await self.database.close()


def build(
    *,
    database_url: str,
    secrets: Secrets,
    data_dir: Path | None,
    cache_dir: Path | None = None,
    witnessing: WitnessConfig | None = None,
    erasures: Path | None = None,
    signed_head: Path | None = None,
    models_dir: Path | None = None,
    gateway_url: str | None = None,
    notices: NoticeSettings | None = None,
    wall: Callable[[], float] = time.time,
) -> ControlPlane:
    """Wire a control plane; ``data_dir`` is given in embedded mode and None in production.

    ``cache_dir`` keeps compiled patterns; ``witnessing`` names the witnesses of signed heads;
    ``erasures`` is the file of erasures, ``signed_head`` that of the newest signed head.
    ``models_dir`` is for files of models that are uploaded; without it uploads are refused.
    ``gateway_url`` is where evaluations that the control plane runs go.
    ``notices`` says who gets notices of what waits.
    """
    wiring = Wiring(
        database_url=database_url,
        secrets=secrets,
        data_dir=data_dir,
        cache_dir=cache_dir,
        witnessing=witnessing,
        erasures=erasures,
        signed_head=signed_head,
        models_dir=models_dir,
        gateway_url=gateway_url,
        notices=notices,
        wall=wall,
    )
    return ControlPlane(**{
        field.name: getattr(wiring, field.name) for field in fields(ControlPlane)
    })
