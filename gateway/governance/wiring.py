"""How the slices of the control plane are wired."""

import time
from functools import cached_property
from typing import Any

from gateway.governance.audit.exports import Exports
from gateway.governance.audit.reveals import Reveals
from gateway.governance.cases.case_messages import CaseMessages
from gateway.governance.cases.complaints.service import Complaints
from gateway.governance.cases.incidents.containment import Containment
from gateway.governance.cases.incidents.follow_ups import FollowUps
from gateway.governance.cases.incidents.report_draft import ReportDrafts
from gateway.governance.cases.incidents.service import Incidents
from gateway.governance.cases.intake_limiter import IntakeLimiter
from gateway.governance.cases.person_requests.service import PersonRequests
from gateway.governance.cases.search.service import CaseSearch
from gateway.governance.cases.text_expiry import CaseTextExpiry
from gateway.governance.changes.recovery_proofs import RecoveryProofs
from gateway.governance.core_wiring import CoreWiring
from gateway.governance.evaluations.evaluation_keys import EvaluationKeys
from gateway.governance.evaluations.jobs import EvaluationJobs
from gateway.governance.evaluations.run_starter import RunStarter
from gateway.governance.evaluations.service import Evaluations
from gateway.governance.evaluations.suites import SuiteLibrary
from gateway.governance.evaluations.trail_proof import TrailProof
from gateway.governance.home.service import Home
from gateway.governance.identity_providers.service import IdentityProviders
from gateway.governance.keys.first_owner import FirstOwners
from gateway.governance.keys.own_keys import OwnKeys
from gateway.governance.keys.service import Keys
from gateway.governance.keys.store import list_active
from gateway.governance.logout.service import Logouts
from gateway.governance.mandates.service import Mandates
from gateway.governance.notices.service import Notices
from gateway.governance.own_places.service import OwnPlaces
from gateway.governance.policies.convergence import PolicyStatus
from gateway.governance.policies.preview_scanner import PreviewScanner
from gateway.governance.policies.replay_reader import ReplayReader
from gateway.governance.policies.service import term_of
from gateway.governance.proposals.expiry import ProposalExpiry
from gateway.governance.proposals.reviewers import ProposalReviewers
from gateway.governance.proposals.thread import ProposalThread
from gateway.governance.pseudonyms.resolution import PseudonymResolver
from gateway.governance.reports.service import Reports
from gateway.governance.retention.partition_manager import PartitionManager
from gateway.governance.retention.service import Expiry
from gateway.governance.reviews.flag_reader import FlagReader
from gateway.governance.reviews.service import Reviews
from gateway.governance.saved_views.service import SavedViews
from gateway.governance.snapshots.baseline import Baseline
from gateway.governance.snapshots.worker_snapshot import WorkerSnapshots
from gateway.governance.subject_access.service import SubjectAccess
from gateway.governance.teams.service import Teams
from gateway.governance.usage.rollup import UsageRollup
from gateway.governance.usage.service import UsageService
from gateway.governance.use_cases.service import UseCases
from gateway.identity import TokenRights


class Wiring(CoreWiring):
    """The slices over one database, with those that nothing else needs."""

    @cached_property
    def replays(self) -> ReplayReader:
        """Drafts over recorded decisions."""
        return ReplayReader(
            self.database, self.journal, self.policies, self.trail, load=self._objects
        )

    @cached_property
    def policy_status(self) -> PolicyStatus:
        """The bundle in force, and which gateways run it."""
        return PolicyStatus(self.policies, self.trail.rows)

    @cached_property
    def keys(self) -> Keys:
        """Keys that administrators issue."""
        return Keys(
            *self._base,
            self.governed,
            self.changes.submit_within,
            self.permissions,
            digest=self.secrets.key_digest,
            rows=self.trail.rows,
            mark=self.leaving.mark,
            wall=self._wall,
        )

    @cached_property
    def own_keys(self) -> OwnKeys:
        """Keys that persons issue to themselves."""
        return OwnKeys(*self._base, self.governed, self.keys, wall=self._wall)

    @cached_property
    def first_owners(self) -> FirstOwners:
        """First owners of keys from before keys had any."""
        return FirstOwners(
            *self._base,
            self.governed,
            published=self.snapshots.published,
            key=self.secrets.signing.public_key(),
            mark=self.leaving.mark,
        )

    @cached_property
    def recovery_proofs(self) -> RecoveryProofs:
        """Proofs of the codes of the way back."""
        return RecoveryProofs(*self._base, published=self.snapshots.published)

    @cached_property
    def teams(self) -> Teams:
        """Teams as records."""
        return Teams(*self._base, self.changes.submit_within)

    @cached_property
    def mandates(self) -> Mandates:
        """Bounds within which one person acts alone."""
        submit = self.changes.submit_within
        return Mandates(self.database, submit, self.permissions, wall=self._wall)

    @cached_property
    def use_cases(self) -> UseCases:
        """Use cases as records."""
        submit = self.changes.submit_within
        return UseCases(*self._base, self.catalogue, submit, keys=list_active, wall=self._wall)

    @cached_property
    def worker_snapshots(self) -> WorkerSnapshots:
        """What model workers read."""
        return WorkerSnapshots(self.snapshots, self.secrets.signing)

    @cached_property
    def evaluations(self) -> Evaluations:
        """Evaluations of model versions."""
        keys = EvaluationKeys(self.journal, self.governed, self.keys)
        library = SuiteLibrary(self.database)
        starter = RunStarter(
            self.journal,
            keys,
            library,
            self.evaluation_gate,
            self.snapshots.published,
            wall=self._wall,
        )
        return Evaluations(
            *self._base,
            self.governed,
            starter,
            keys,
            library,
            self.evaluation_gate,
            TrailProof(self.trail.rows),
            self.snapshots.publish,
            wall=self._wall,
        )

    @cached_property
    def evaluation_jobs(self) -> EvaluationJobs:
        """Evaluations that the control plane runs."""
        return EvaluationJobs(self.evaluations, self._gateway_url)

    @cached_property
    def baseline(self) -> Baseline:
        """The first record of an installation."""
        key = self.secrets.signing.public_key()
        return Baseline(
            self.database,
            self.policies,
            self.governed,
            self.snapshots,
            key,
            one_person=self._embedded,
        )

    @cached_property
    def identity_providers(self) -> IdentityProviders:
        """What is accepted of tokens, and why."""
        return IdentityProviders(
            self.issuer_keys, verifier=self.sign_in.verifier, rights=self._rights, wall=self._wall
        )

    @cached_property
    def logouts(self) -> Logouts:
        """Back-channel logout."""
        return Logouts(
            *self._base,
            self.leaving.sign_outs,
            issuers=self.snapshots.issuers,
            pepper=self.secrets.pepper,
            wall=self._wall,
            clock=time.monotonic,
        )

    async def _rights(self) -> TokenRights:
        published = await self.snapshots.published()
        issuers, teams = (published.issuers, published.teams) if published else ([], [])
        return TokenRights(issuers, teams, pepper=self.secrets.pepper)

    @cached_property
    def reveals(self) -> Reveals:
        """Stored bodies, to those who may read them."""
        pepper = self.secrets.pepper
        return Reveals(*self._base, self.trail, self.proposals, pepper=pepper, wall=self._wall)

    @cached_property
    def exports(self) -> Exports:
        """Packages for auditors."""
        return Exports(self.trail, self.proposals, self._full_exports)

    @cached_property
    def reports(self) -> Reports:
        """Reports."""
        return Reports(
            *self._base, self.trail, self._collector, key=self.secrets.signing, wall=self._wall
        )

    @cached_property
    def usage(self) -> UsageService:
        """Figures of requests by the hour."""
        rollup = UsageRollup(*self._base, self.trail.rows)
        return UsageService(
            self.database, rollup, timezone=self._collector.timezone, wall=self._wall
        )

    @cached_property
    def reviews(self) -> Reviews:
        """Flagged requests."""
        ask = self.trail.rows
        reader = FlagReader(ask, self.policies, is_sqlite=self.database.is_sqlite)
        return Reviews(*self._base, ask, reader, wall=self._wall)

    @cached_property
    def home(self) -> Home:
        """The first page."""
        return Home(
            self.database,
            self.permissions,
            self.proposals,
            self.models,
            self.trail,
            self.usage.rollup,
            timezone=self._collector.timezone,
            wall=self._wall,
        )

    @cached_property
    def notices(self) -> Notices:
        """Who gets notices of what waits."""
        zone, config = self._collector.timezone, self._notices
        return Notices(*self._base, self.permissions, config, timezone=zone, wall=self._wall)

    @cached_property
    def own_places(self) -> OwnPlaces:
        """What a person owns or leads."""
        return OwnPlaces(
            self.database, self.use_cases, self.teams, self.keys, self.usage, self.proposals
        )

    @cached_property
    def proposal_thread(self) -> ProposalThread:
        """Comments of proposals."""
        return ProposalThread(*self._base, wall=self._wall)

    @cached_property
    def saved_views(self) -> SavedViews:
        """Searches that persons keep."""
        return SavedViews(self.database, wall=self._wall)

    @cached_property
    def proposal_reviewers(self) -> ProposalReviewers:
        """Who is asked to review proposals."""
        return ProposalReviewers(
            *self._base,
            self.permissions,
            powers=self.proposals.powers_of,
            find=self.leaving.approver,
            wall=self._wall,
        )

    @cached_property
    def proposal_expiry(self) -> ProposalExpiry:
        """Proposals that were not decided in time."""
        return ProposalExpiry(*self._base, term=term_of, kinds=self.proposal_kinds, wall=self._wall)

    @cached_property
    def subject_access(self) -> SubjectAccess:
        """Packages for persons."""
        return SubjectAccess(
            *self._base,
            self.trail,
            self._people,
            self.catalogue,
            self.case_search.all_of,
            kek=self.secrets.kek,
            wall=self._wall,
        )

    @cached_property
    def expiry(self) -> Expiry:
        """Retention."""
        return Expiry(*self._base, self.trail, self.holds, self.catalogue, wall=self._wall)

    @cached_property
    def partitions(self) -> PartitionManager:
        """Monthly partitions."""
        return PartitionManager(self.database, wall=self._wall)

    @cached_property
    def case_search(self) -> CaseSearch:
        """Cases of a person."""
        return self.case_texts.search

    @cached_property
    def case_text_expiry(self) -> CaseTextExpiry:
        """Retention of the texts of cases."""
        return self.case_texts.expiry

    @cached_property
    def _case_messages(self) -> CaseMessages:
        return CaseMessages(self.journal, self.case_texts.texts, wall=self._wall)

    @cached_property
    def incidents(self) -> Incidents:
        """Incidents."""
        return Incidents(
            *self._base,
            self.trail,
            self.holds,
            self.case_texts.texts,
            self.case_texts.states,
            self.deadlines,
            wall=self._wall,
        )

    @cached_property
    def containment(self) -> Containment:
        """What incidents stop."""
        return Containment(*self._base, self.stops, self.snapshots.publish, wall=self._wall)

    @cached_property
    def follow_ups(self) -> FollowUps:
        """What follows from incidents."""
        return FollowUps(*self._base, self.case_texts.texts, wall=self._wall)

    @cached_property
    def report_drafts(self) -> ReportDrafts:
        """Drafts of reports to authorities."""
        return ReportDrafts(self.incidents, self.containment, self._collector.stated)

    @cached_property
    def complaints(self) -> Complaints:
        """Complaints."""
        limiter = IntakeLimiter(
            *self._base, pepper=self.secrets.pepper, wall=self._wall, clock=time.monotonic
        )
        return Complaints(
            *self._base,
            self.trail,
            self.holds,
            self.case_texts.texts,
            self.case_texts.states,
            self.deadlines,
            self._case_messages,
            limiter,
            stated=self._collector.stated,
            use_case=self._use_case,
            wall=self._wall,
        )

    @cached_property
    def person_requests(self) -> PersonRequests:
        """Requests of data subjects, and objections."""
        return PersonRequests(
            *self._base,
            self.case_texts.texts,
            self.case_texts.states,
            self.deadlines,
            self._case_messages,
            wall=self._wall,
        )

    async def _use_case(self, name: str) -> dict[str, Any]:
        known = await self.use_cases.list()
        return next((one.model_dump() for one in known if one.name == name), {})

    @cached_property
    def pseudonyms(self) -> PseudonymResolver:
        """Who is behind a pseudonym."""
        return PseudonymResolver(*self._base, self.proposals, self.privacy, wall=self._wall)

    @cached_property
    def preview_scanner(self) -> PreviewScanner:
        """What scans a text for the console."""
        return PreviewScanner(self._cache_dir)
