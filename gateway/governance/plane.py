"""The control plane as one object: every slice, wired once, for HTTP and for commands."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.approvals.objects import Objects
from gateway.core.pseudonym import pseudonym
from gateway.core.system.secrets import Secrets
from gateway.evidence.witness import WitnessConfig
from gateway.governance.access_control.permissions import Permissions
from gateway.governance.access_control.service import SignIn
from gateway.governance.audit.exports import KIND as AUDIT_EXPORT
from gateway.governance.audit.exports import Exports, FullExportApprovals
from gateway.governance.audit.service import AuditService
from gateway.governance.cases.complaints.service import Complaints
from gateway.governance.cases.deadlines import Deadlines
from gateway.governance.cases.encrypted_texts import CaseTexts
from gateway.governance.cases.incidents.service import Incidents
from gateway.governance.cases.intake_limiter import IntakeLimiter
from gateway.governance.catalogue.service import Catalogue
from gateway.governance.changes.governed import Governed, Load
from gateway.governance.changes.object_store import ObjectStore
from gateway.governance.changes.two_persons import TwoPersons
from gateway.governance.data_subjects.service import KIND as SUBJECT_ERASE
from gateway.governance.data_subjects.service import DataSubjects
from gateway.governance.data_subjects.tombstones import Tombstones
from gateway.governance.holds.service import KIND as HOLD_RELEASE
from gateway.governance.holds.service import Holds
from gateway.governance.identity_providers.service import IdentityProviders
from gateway.governance.issuer_keys.service import IssuerKeys, configured_issuers
from gateway.governance.journal import Journal
from gateway.governance.kek_check import check_kek
from gateway.governance.keys.own_keys import OwnKeys
from gateway.governance.keys.service import Keys
from gateway.governance.keys.store import file_edits, list_active, recheck, write_key
from gateway.governance.models.service import ModelRegistry
from gateway.governance.person_keys import PersonKeys
from gateway.governance.policies.preview_scanner import PreviewScanner
from gateway.governance.policies.service import KIND as POLICY_BUNDLE
from gateway.governance.policies.service import Policies
from gateway.governance.proposals.change_control import KIND as CHANGE
from gateway.governance.proposals.change_control import ChangeControl
from gateway.governance.proposals.service import Proposals
from gateway.governance.pseudonyms.resolution import KIND as PSEUDONYM_RESOLVE
from gateway.governance.pseudonyms.resolution import PseudonymResolver, ResolutionApprovals
from gateway.governance.pseudonyms.service import PersonPrivacy, persons_of_keys
from gateway.governance.reports.collector import Collector
from gateway.governance.reports.export_attachments import ExportAttachments
from gateway.governance.reports.service import Reports
from gateway.governance.retention.partition_manager import PartitionManager
from gateway.governance.retention.service import Expiry
from gateway.governance.snapshots.baseline import Baseline
from gateway.governance.snapshots.service import SnapshotPublisher
from gateway.governance.subject_access.service import SubjectAccess
from gateway.governance.teams.service import Teams
from gateway.governance.terms.service import KIND as TERMS
from gateway.governance.terms.service import CustomTerms
from gateway.identity import TokenRights
from gateway.storage.database import Database

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ControlPlane:
    """All slices over one database."""

    database: Database
    secrets: Secrets
    permissions: Permissions
    sign_in: SignIn
    journal: Journal
    baseline: Baseline
    changes: ChangeControl
    governed: Governed
    catalogue: Catalogue
    keys: Keys
    own_keys: OwnKeys
    teams: Teams
    models: ModelRegistry
    policies: Policies
    terms: CustomTerms
    proposals: Proposals
    snapshots: SnapshotPublisher
    issuer_keys: IssuerKeys
    identity_providers: IdentityProviders
    trail: AuditService
    exports: Exports
    holds: Holds
    incidents: Incidents
    complaints: Complaints
    subjects: DataSubjects
    subject_access: SubjectAccess
    expiry: Expiry
    partitions: PartitionManager
    reports: Reports
    privacy: PersonPrivacy
    pseudonyms: PseudonymResolver
    preview_scanner: PreviewScanner

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

    async def follow_key_notes(self) -> None:
        """Fetch signing keys that a gateway met and did not know, and publish them."""
        if await self.issuer_keys.follow_notes():
            await self.snapshots.publish()

    async def close(self) -> None:
        """Close all connections."""
        await self.sign_in.stop()
        await self.complaints.stop()
        await self.preview_scanner.close()
        await self.trail.close()
        await self.database.close()


def build(
    *,
    database_url: str,
    secrets: Secrets,
    data_dir: Path | None,
    cache_dir: Path | None = None,
    witnessing: WitnessConfig | None = None,
    erasures: Path | None = None,
    wall: Callable[[], float] = time.time,
) -> ControlPlane:
    """Wire a control plane; ``data_dir`` is given in embedded mode and None in production.

    ``cache_dir`` keeps compiled patterns; ``witnessing`` names the witnesses of signed heads;
    ``erasures`` is the file of erasures.
    """
    database = Database(database_url)
    privacy = _privacy(database, secrets.pepper)
    journal = Journal(wall, hide=privacy.hidden)
    permissions = Permissions()
    embedded = data_dir is not None
    changes = _changes(database, journal, permissions, secrets, wall, embedded=embedded)
    governed, two_persons, control = changes.governed, changes.two_persons, changes.control
    digest, submit = secrets.key_digest, control.submit_within
    catalogue = Catalogue(
        database,
        journal,
        permissions,
        submit,
        key_edits=file_edits,
        digest=digest,
        embedded=embedded,
    )
    policies = Policies(database, journal, wall=wall)
    of_terms = partial(pseudonym, secrets.pepper, "terms")
    terms = CustomTerms(database, journal, wall=wall, digest=of_terms)
    models = ModelRegistry(database, journal, governed, two_persons, wall=wall)
    collector = Collector(database, catalogue, models, policies, wall=wall)
    trail = _trail(database, journal, secrets, data_dir, collector, witnessing, wall)
    people = PersonKeys(secrets.pepper)
    issuer_keys = IssuerKeys(
        database, wall=wall, clock=time.monotonic, directory=_snapshot_directory(data_dir)
    )
    snapshots = _snapshots(
        database, journal, catalogue, terms, issuer_keys, secrets, data_dir, wall
    )
    changes.state.load = snapshots.objects
    sign_in, providers = _identity(database, journal, snapshots, issuer_keys, secrets, wall)
    holds = Holds(database, journal, trail, people, wall=wall)
    incidents, complaints = _cases(database, journal, trail, holds, secrets, collector, wall)
    erased = Tombstones(erasures) if erasures else None
    subjects = DataSubjects(database, journal, trail, people, holds, tombstones=erased, wall=wall)
    access = SubjectAccess(database, journal, trail, people, catalogue, kek=secrets.kek, wall=wall)
    keys = Keys(
        database,
        journal,
        governed,
        submit,
        permissions,
        digest=digest,
        rows=trail.rows,
        wall=wall,
    )
    full = FullExportApprovals(database, journal, wall=wall)
    proposals = Proposals(
        database,
        journal,
        permissions,
        governed,
        two_persons,
        wall=wall,
        recheck=recheck,
        kinds={
            CHANGE: control,
            POLICY_BUNDLE: policies,
            TERMS: terms,
            HOLD_RELEASE: holds,
            SUBJECT_ERASE: subjects,
            AUDIT_EXPORT: full,
            PSEUDONYM_RESOLVE: ResolutionApprovals(),
        },
    )
    control.proposals = proposals
    return ControlPlane(
        database=database,
        secrets=secrets,
        permissions=permissions,
        sign_in=sign_in,
        journal=journal,
        baseline=Baseline(database, policies, governed, snapshots),
        changes=control,
        governed=governed,
        catalogue=catalogue,
        keys=keys,
        own_keys=OwnKeys(database, journal, governed, keys, wall=wall),
        teams=Teams(database, journal, submit, keys=list_active),
        models=models,
        policies=policies,
        terms=terms,
        proposals=proposals,
        snapshots=snapshots,
        issuer_keys=issuer_keys,
        identity_providers=providers,
        trail=trail,
        exports=Exports(trail, proposals, full),
        holds=holds,
        incidents=incidents,
        complaints=complaints,
        subjects=subjects,
        subject_access=access,
        expiry=Expiry(database, journal, trail, holds, catalogue, wall=wall),
        partitions=PartitionManager(database, wall=wall),
        reports=Reports(database, journal, trail, collector, key=secrets.signing, wall=wall),
        privacy=privacy,
        pseudonyms=PseudonymResolver(database, journal, proposals, privacy, wall=wall),
        preview_scanner=PreviewScanner(cache_dir),
    )


def _privacy(database: Database, pepper: bytes) -> PersonPrivacy:
    return PersonPrivacy(database, [persons_of_keys(pepper)])


class _State:
    """The objects in force: what loads them is made after what asks for them."""

    load: Load

    async def objects(self, connection: AsyncConnection) -> Objects:
        return await self.load(connection)


@dataclass(frozen=True, slots=True)
class _Changes:
    state: _State
    governed: Governed
    two_persons: TwoPersons
    control: ChangeControl


def _changes(
    database: Database,
    journal: Journal,
    permissions: Permissions,
    secrets: Secrets,
    wall: Callable[[], float],
    *,
    embedded: bool,
) -> _Changes:
    state = _State()

    def approving() -> frozenset[str]:
        return permissions.powers.roles

    two_persons = TwoPersons(
        keys=list_active, issuers=configured_issuers, approving=approving, embedded=embedded
    )
    governed = Governed(
        journal,
        key=secrets.signing,
        wall=wall,
        load=state.objects,
        settle=two_persons.note_persons,
        one_person=embedded,
    )
    control = ChangeControl(
        database,
        governed,
        two_persons,
        ObjectStore(write_key),
        load=state.objects,
        embedded=embedded,
        approving=approving,
    )
    return _Changes(state, governed, two_persons, control)


def _snapshots(
    database: Database,
    journal: Journal,
    catalogue: Catalogue,
    terms: CustomTerms,
    issuer_keys: IssuerKeys,
    secrets: Secrets,
    data_dir: Path | None,
    wall: Callable[[], float],
) -> SnapshotPublisher:
    return SnapshotPublisher(
        database,
        catalogue,
        terms,
        journal,
        issuer_keys,
        key=secrets.signing,
        wall=wall,
        directory=_snapshot_directory(data_dir),
    )


def _snapshot_directory(data_dir: Path | None) -> Path | None:
    return data_dir / "snapshots" if data_dir else None


def _trail(
    database: Database,
    journal: Journal,
    secrets: Secrets,
    data_dir: Path | None,
    collector: Collector,
    witnessing: WitnessConfig | None,
    wall: Callable[[], float],
) -> AuditService:
    return AuditService(
        database,
        journal,
        directory=data_dir,
        kek=secrets.kek,
        key=secrets.signing,
        wall=wall,
        accompany=ExportAttachments(collector, secrets.signing),
        witnessing=witnessing,
    )


def _cases(
    database: Database,
    journal: Journal,
    trail: AuditService,
    holds: Holds,
    secrets: Secrets,
    collector: Collector,
    wall: Callable[[], float],
) -> tuple[Incidents, Complaints]:
    texts = CaseTexts(kek=secrets.kek, pepper=secrets.pepper)
    deadlines = Deadlines()
    limiter = IntakeLimiter(
        database, journal, pepper=secrets.pepper, wall=wall, clock=time.monotonic
    )
    return (
        Incidents(database, journal, trail, holds, texts, deadlines, wall=wall),
        Complaints(
            database,
            journal,
            trail,
            holds,
            texts,
            deadlines,
            limiter,
            stated=collector.stated,
            wall=wall,
        ),
    )


def _identity(
    database: Database,
    journal: Journal,
    snapshots: SnapshotPublisher,
    issuer_keys: IssuerKeys,
    secrets: Secrets,
    wall: Callable[[], float],
) -> tuple[SignIn, IdentityProviders]:
    sign_in = SignIn(
        database,
        journal,
        key=snapshots.key,
        issuers=snapshots.issuers,
        refresh_keys=issuer_keys.refresh_one,
        pepper=secrets.pepper,
        operator_token=secrets.operator_token,
        digest=secrets.key_digest,
        wall=wall,
    )

    async def rights() -> TokenRights:
        published = await snapshots.published()
        issuers, teams = (published.issuers, published.teams) if published else ([], [])
        return TokenRights(issuers, teams, pepper=secrets.pepper)

    providers = IdentityProviders(issuer_keys, verifier=sign_in.verifier, rights=rights, wall=wall)
    return sign_in, providers
