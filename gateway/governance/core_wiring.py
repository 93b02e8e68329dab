"""The slices of the control plane that others need: each is made when it is first asked for."""

import time
from collections.abc import Callable, Mapping
from functools import cached_property, partial
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.approvals.references import GovernedState
from gateway.core.pseudonym import pseudonym
from gateway.core.snapshot import Snapshot
from gateway.core.system.secrets import Secrets
from gateway.evidence.witness import WitnessConfig
from gateway.governance.access_control.permissions import Permissions
from gateway.governance.access_control.service import SignIn
from gateway.governance.actor import Actor
from gateway.governance.audit import exports, reveals
from gateway.governance.audit.service import AuditService
from gateway.governance.break_glass.service import BreakGlass
from gateway.governance.cases.deadlines.service import KIND as DEADLINE
from gateway.governance.cases.deadlines.service import Deadlines
from gateway.governance.cases.text_services import CaseTextServices, build_case_texts
from gateway.governance.catalogue.service import Catalogue
from gateway.governance.changes.governed import Governed
from gateway.governance.changes.mandates import ActingAlone
from gateway.governance.changes.object_store import ObjectStore
from gateway.governance.changes.two_persons import TwoPersons
from gateway.governance.data_subjects.service import KIND as SUBJECT_ERASE
from gateway.governance.data_subjects.service import DataSubjects
from gateway.governance.data_subjects.tombstones import Tombstones
from gateway.governance.evaluations.gate import EvaluationGate
from gateway.governance.evaluations.overrides import KIND as EVALUATION_OVERRIDE
from gateway.governance.evaluations.overrides import EvaluationOverrides
from gateway.governance.evaluations.suite_proposals import KIND as EVALUATION_SUITE
from gateway.governance.evaluations.suite_proposals import SuiteProposals
from gateway.governance.holds.service import KIND as HOLD_RELEASE
from gateway.governance.holds.service import Holds
from gateway.governance.issuer_keys.service import IssuerKeys, configured_issuers
from gateway.governance.journal import Journal
from gateway.governance.keys.store import LiveKeys, file_edits, recheck, write_key
from gateway.governance.leaving import Leaving, build_leaving
from gateway.governance.models.approvals import Approvals
from gateway.governance.models.service import ModelRegistry
from gateway.governance.models.unproven import UnprovenVersions
from gateway.governance.models.uploads import Uploads
from gateway.governance.notices.channels import NoticeSettings
from gateway.governance.person_keys import PersonKeys
from gateway.governance.persons.forgetting import Forgetting
from gateway.governance.persons.known_persons import KnownPersons
from gateway.governance.policies.service import KIND as POLICY_BUNDLE
from gateway.governance.policies.service import Policies, active_files, term_of
from gateway.governance.proposals.change_control import BREAK_GLASS, ChangeControl
from gateway.governance.proposals.change_control import KIND as CHANGE
from gateway.governance.proposals.given import GivenApprovals
from gateway.governance.proposals.service import ProposalHandler, Proposals
from gateway.governance.pseudonyms.resolution import KIND as PSEUDONYM_RESOLVE
from gateway.governance.pseudonyms.resolution import ResolutionApprovals
from gateway.governance.pseudonyms.service import PersonPrivacy
from gateway.governance.reports.collector import Collector
from gateway.governance.reports.export_attachments import ExportAttachments
from gateway.governance.snapshots.service import SnapshotPublisher
from gateway.governance.stops.service import KIND as RESTART
from gateway.governance.stops.service import StopControl
from gateway.governance.stops.store import in_force
from gateway.governance.terms.service import KIND as TERMS
from gateway.governance.terms.service import CustomTerms
from gateway.governance.trail_gaps.service import KIND as TRAIL_GAP
from gateway.governance.trail_gaps.service import TrailGaps
from gateway.storage.database import Database
from gateway.storage.reachability import Reachability


class CoreWiring:
    """The slices that others need. ``data_dir`` is given in embedded mode and None elsewhere."""

    def __init__(
        self,
        *,
        database_url: str,
        secrets: Secrets,
        data_dir: Path | None,
        cache_dir: Path | None,
        witnessing: WitnessConfig | None,
        erasures: Path | None,
        signed_head: Path | None,
        models_dir: Path | None,
        gateway_url: str | None,
        notices: NoticeSettings | None,
        wall: Callable[[], float],
    ) -> None:
        self.database = Database(database_url)
        self.reachability = Reachability(self.database, clock=time.monotonic)
        self.privacy = PersonPrivacy(self.database, KnownPersons(secrets.pepper))
        self.journal = Journal(wall, hide=self.privacy.hidden)
        self.permissions = Permissions()
        self.secrets = secrets
        self._data_dir = data_dir
        self._cache_dir = cache_dir
        self._witnessing = witnessing
        self._erasures = erasures
        self._signed_head = signed_head
        self.uploads = Uploads(models_dir)
        self._gateway_url = gateway_url
        self._notices = notices or NoticeSettings()
        self.evaluation_gate = EvaluationGate(active_files, wall=wall)
        self.evaluation_overrides = EvaluationOverrides(
            *self._base, self.evaluation_gate, wall=wall
        )
        self.suite_proposals = SuiteProposals(*self._base, wall=wall)
        self._wall = wall

    @property
    def _base(self) -> tuple[Database, Journal]:
        return self.database, self.journal

    # Changes, and who decides about them

    @cached_property
    def two_persons(self) -> TwoPersons:
        """The rule of two persons."""
        return TwoPersons(
            keys=LiveKeys().list,
            issuers=configured_issuers,
            approving=self._approving,
            embedded=self._embedded,
        )

    @cached_property
    def governed(self) -> Governed:
        """What compares, signs and records each change."""
        return Governed(
            self.journal,
            key=self.secrets.signing,
            wall=self._wall,
            load=self._objects,
            settle=self.two_persons.note_persons,
            is_known=lambda *asked: self.leaving.is_known(*asked),  # noqa: PLW0108 (made of this)
            approving=self._approving,
            one_person=self._embedded,
        )

    @cached_property
    def changes(self) -> ChangeControl:
        """What makes edits, or proposes them."""
        return ChangeControl(
            self.database,
            self.governed,
            self.two_persons,
            self._object_store,
            ActingAlone(lambda one: self.snapshots.newest(one), wall=self._wall),  # noqa: PLW0108
            load=self._objects,
            proposals=lambda: self.proposals,  # which are made of this
            embedded=self._embedded,
            approving=self._approving,
        )

    @cached_property
    def break_glass(self) -> BreakGlass:
        """Exceptions that end by themselves."""
        return BreakGlass(
            *self._base,
            self.governed,
            self._object_store,
            self.snapshots.publish,
            load=self._objects,
            wall=self._wall,
        )

    @cached_property
    def _object_store(self) -> ObjectStore:
        return ObjectStore(write_key)

    @cached_property
    def proposals(self) -> Proposals:
        """Changes that wait for another person."""
        return Proposals(
            *self._base,
            self.permissions,
            self.governed,
            self.two_persons,
            GivenApprovals(*self._base, key=self.secrets.signing, wall=self._wall),
            wall=self._wall,
            recheck=self._recheck,
            term=term_of,
            kinds=self.proposal_kinds(),
        )

    def proposal_kinds(self) -> Mapping[str, ProposalHandler]:
        """The kinds of proposals, with what makes their changes."""
        return {
            CHANGE: self.changes,
            POLICY_BUNDLE: self.policies,
            TERMS: self.terms,
            HOLD_RELEASE: self.holds,
            SUBJECT_ERASE: self.subjects,
            exports.KIND: self._full_exports,
            reveals.KIND: reveals.RevealApprovals(),
            **self.leaving.kinds,
            PSEUDONYM_RESOLVE: ResolutionApprovals(),
            RESTART: self.stops,
            BREAK_GLASS: self.break_glass,
            TRAIL_GAP: self.trail_gaps,
            DEADLINE: self.deadlines,
            EVALUATION_OVERRIDE: self.evaluation_overrides,
            EVALUATION_SUITE: self.suite_proposals,
        }

    async def _recheck(self, connection: AsyncConnection, actor: Actor) -> Actor:
        return await recheck(connection, actor, stopped=(await in_force(connection)).keys)

    async def _objects(self, connection: AsyncConnection) -> GovernedState:
        return await self.snapshots.objects(connection)

    def _approving(self) -> frozenset[str]:
        return self.permissions.powers.roles

    @property
    def _embedded(self) -> bool:
        return self._data_dir is not None

    # What is governed

    @cached_property
    def catalogue(self) -> Catalogue:
        """The objects of sluis.yaml."""
        return Catalogue(
            *self._base,
            self.changes.submit_within,
            key_edits=file_edits,
            digest=self.secrets.key_digest,
            embedded=self._embedded,
            published=lambda: self.snapshots.published(),  # noqa: PLW0108 (made of the catalogue)
            wall=self._wall,
        )

    @cached_property
    def stops(self) -> StopControl:
        """Stop switches."""
        return StopControl(
            *self._base,
            self.governed,
            self.trail,
            self.snapshots.publish,
            self.snapshots.numbers,
            wall=self._wall,
        )

    @cached_property
    def policies(self) -> Policies:
        """Policy bundles."""
        return Policies(*self._base, load=self._objects, cache_dir=self._cache_dir, wall=self._wall)

    @cached_property
    def terms(self) -> CustomTerms:
        """The organisation's own terms."""
        digest = partial(pseudonym, self.secrets.pepper, "terms")
        return CustomTerms(*self._base, wall=self._wall, digest=digest)

    @cached_property
    def models(self) -> ModelRegistry:
        """Model versions."""
        approvals = Approvals(
            self.two_persons,
            self.evaluation_gate.standing,
            powers=lambda: self.permissions.powers,
            wall=self._wall,
        )
        return ModelRegistry(*self._base, self.governed, approvals, self.uploads, wall=self._wall)

    # Snapshots and identity

    @cached_property
    def snapshots(self) -> SnapshotPublisher:
        """What gateways read."""
        return SnapshotPublisher(
            self.database,
            self.catalogue,
            self.terms,
            self.journal,
            self.issuer_keys,
            keys=self.leaving.live_keys,
            record_unproven=self._record_unproven,
            key=self.secrets.signing,
            wall=self._wall,
            directory=self._snapshot_directory,
        )

    async def _record_unproven(self, connection: AsyncConnection, snapshot: Snapshot) -> bool:
        versions = UnprovenVersions(self.journal, self.governed, wall=self._wall)
        return await versions.record(connection, snapshot)

    @cached_property
    def issuer_keys(self) -> IssuerKeys:
        """Signing keys of identity providers."""
        return IssuerKeys(
            self.database, wall=self._wall, clock=time.monotonic, directory=self._snapshot_directory
        )

    @cached_property
    def sign_in(self) -> SignIn:
        """Who calls."""
        return SignIn(
            *self._base,
            key=self.snapshots.key,
            issuers=self.snapshots.issuers,
            refresh_keys=self.issuer_keys.refresh_one,
            admit=self.leaving.persons.admit,
            names=self.leaving.persons.names,
            published=self.snapshots.published,
            pepper=self.secrets.pepper,
            operator_token=self.secrets.operator_token,
            digest=self.secrets.key_digest,
            wall=self._wall,
        )

    @cached_property
    def leaving(self) -> Leaving:
        """Persons, and what ends their access."""
        return build_leaving(
            *self._base, self.catalogue, self.permissions, self.secrets, self.privacy, self._wall
        )

    @cached_property
    def forgetting(self) -> Forgetting:
        """Names of persons who have left."""
        return Forgetting(*self._base, self.holds, pepper=self.secrets.pepper, wall=self._wall)

    @property
    def _snapshot_directory(self) -> Path | None:
        return self._data_dir / "snapshots" if self._data_dir else None

    # The trail, and what reads it

    @cached_property
    def trail(self) -> AuditService:
        """The trail."""
        return AuditService(
            *self._base,
            directory=self._data_dir,
            kek=self.secrets.kek,
            key=self.secrets.signing,
            wall=self._wall,
            accompany=ExportAttachments(self._collector, self.secrets.signing),
            witnessing=self._witnessing,
            signed_head=self._signed_head,
        )

    @cached_property
    def trail_gaps(self) -> TrailGaps:
        """Gaps that a restore left."""
        return TrailGaps(self.journal, self.trail)

    @cached_property
    def _full_exports(self) -> exports.FullExportApprovals:
        return exports.FullExportApprovals(*self._base, wall=self._wall)

    @cached_property
    def _collector(self) -> Collector:
        return Collector(self.database, self.catalogue, self.models, self.policies, wall=self._wall)

    # Persons in the trail, and how long things are kept

    @cached_property
    def _people(self) -> PersonKeys:
        return PersonKeys(self.secrets.pepper)

    @cached_property
    def holds(self) -> Holds:
        """Legal holds."""
        return Holds(*self._base, self.trail, self._people, wall=self._wall)

    @cached_property
    def deadlines(self) -> Deadlines:
        """The calendar of law."""
        return Deadlines(*self._base, wall=self._wall)

    @cached_property
    def case_texts(self) -> CaseTextServices:
        """What is written about cases."""
        return build_case_texts(
            *self._base, self.trail, self.holds, self._people, self.secrets, self._wall
        )

    @cached_property
    def subjects(self) -> DataSubjects:
        """Erasure of persons."""
        return DataSubjects(
            *self._base,
            self.trail,
            self._people,
            self.holds,
            self.case_texts.erasure,
            forget=self.forgetting.erase,
            tombstones=Tombstones(self._erasures) if self._erasures else None,
            wall=self._wall,
        )
