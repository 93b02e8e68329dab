"""The control plane as one object: every slice, wired once, for HTTP and for commands."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from gateway.core.pseudonym import pseudonym
from gateway.core.system.secrets import Secrets
from gateway.evidence.witness import WitnessConfig
from gateway.governance.access_control.permissions import Permissions
from gateway.governance.access_control.service import SignIn
from gateway.governance.actor import BOOTSTRAP_APPROVE
from gateway.governance.audit.exports import KIND as AUDIT_EXPORT
from gateway.governance.audit.exports import Exports, FullExportApprovals
from gateway.governance.audit.service import AuditService
from gateway.governance.cases.complaints.service import Complaints
from gateway.governance.cases.deadlines import Deadlines
from gateway.governance.cases.encrypted_texts import CaseTexts
from gateway.governance.cases.incidents.service import Incidents
from gateway.governance.cases.intake_limiter import IntakeLimiter
from gateway.governance.catalogue.service import Catalogue
from gateway.governance.data_subjects.service import KIND as SUBJECT_ERASE
from gateway.governance.data_subjects.service import DataSubjects
from gateway.governance.data_subjects.tombstones import Tombstones
from gateway.governance.holds.service import KIND as HOLD_RELEASE
from gateway.governance.holds.service import Holds
from gateway.governance.journal import Journal
from gateway.governance.kek_check import check_kek
from gateway.governance.keys.service import Keys, replace_configured
from gateway.governance.models.service import ModelRegistry
from gateway.governance.person_keys import PersonKeys
from gateway.governance.policies.preview_scanner import PreviewScanner
from gateway.governance.policies.service import KIND as POLICY_BUNDLE
from gateway.governance.policies.service import Policies
from gateway.governance.proposals.service import ProposalHandler, Proposals
from gateway.governance.reports.collector import Collector
from gateway.governance.reports.export_attachments import ExportAttachments
from gateway.governance.reports.service import Reports
from gateway.governance.retention.partition_manager import PartitionManager
from gateway.governance.retention.service import Expiry
from gateway.governance.snapshots.service import SnapshotPublisher
from gateway.governance.stops.service import KIND as RESTART
from gateway.governance.stops.service import StopControl, usable_keys
from gateway.governance.subject_access.service import SubjectAccess
from gateway.governance.terms.service import KIND as TERMS
from gateway.governance.terms.service import CustomTerms
from gateway.governance.use_cases.service import UseCases
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
    catalogue: Catalogue
    keys: Keys
    models: ModelRegistry
    policies: Policies
    terms: CustomTerms
    proposals: Proposals
    snapshots: SnapshotPublisher
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
    preview_scanner: PreviewScanner
    stops: StopControl
    use_cases: UseCases

    async def start(self) -> None:
        """Bring the database up to date and publish a first snapshot.

        Raises:
            WrongKek: when the database was written with another key-encryption key.
        """
        await self.open()
        await self.policies.ensure_first(BOOTSTRAP_APPROVE)
        await self.snapshots.refresh_issuers()
        await self.snapshots.publish()

    async def open(self) -> None:
        """Bring the database up to date, and check that the key-encryption key is its own.

        Raises:
            WrongKek: when it is not; nothing but the schema has changed.
        """
        await self.database.migrate()
        await check_kek(self.database, self.secrets.kek)

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
    journal = Journal(wall)
    digest = secrets.key_digest
    catalogue = _catalogue(database, journal, digest, wall)
    policies = Policies(database, journal, wall=wall)
    of_terms = partial(pseudonym, secrets.pepper, "terms")
    terms = CustomTerms(database, journal, wall=wall, digest=of_terms)
    models = ModelRegistry(database, journal, wall=wall)
    collector = Collector(database, catalogue, models, policies, wall=wall)
    trail = _trail(database, journal, secrets, data_dir, collector, witnessing, wall)
    people = PersonKeys(secrets.pepper)
    snapshots = _snapshots(database, catalogue, terms, secrets, data_dir, wall)
    holds = Holds(database, journal, trail, people, wall=wall)
    incidents, complaints = _cases(database, journal, trail, holds, secrets, collector, wall)
    erased = Tombstones(erasures) if erasures else None
    subjects = DataSubjects(database, journal, trail, people, holds, tombstones=erased, wall=wall)
    access = SubjectAccess(database, journal, trail, people, catalogue, kek=secrets.kek, wall=wall)
    full = FullExportApprovals(database, journal, wall=wall)
    stops = StopControl(database, journal, trail, snapshots.publish, snapshots.numbers, wall=wall)
    kinds = _proposal_kinds(policies, terms, holds, subjects, full) | {RESTART: stops}
    one_person = data_dir is not None
    proposals = Proposals(database, journal, wall=wall, one_person=one_person, kinds=kinds)
    return ControlPlane(
        database=database,
        secrets=secrets,
        permissions=Permissions(),
        sign_in=_sign_in(database, journal, snapshots, secrets, wall),
        journal=journal,
        catalogue=catalogue,
        keys=Keys(database, journal, digest=digest, wall=wall),
        models=models,
        policies=policies,
        terms=terms,
        proposals=proposals,
        snapshots=snapshots,
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
        preview_scanner=PreviewScanner(cache_dir),
        stops=stops,
        use_cases=UseCases(database, journal, catalogue, wall=wall),
    )


def _catalogue(
    database: Database,
    journal: Journal,
    digest: Callable[[str], str],
    wall: Callable[[], float],
) -> Catalogue:
    return Catalogue(database, journal, digest=digest, replace_keys=replace_configured, wall=wall)


def _proposal_kinds(
    policies: Policies,
    terms: CustomTerms,
    holds: Holds,
    subjects: DataSubjects,
    full: FullExportApprovals,
) -> dict[str, ProposalHandler]:
    return {
        POLICY_BUNDLE: policies,
        TERMS: terms,
        HOLD_RELEASE: holds,
        SUBJECT_ERASE: subjects,
        AUDIT_EXPORT: full,
    }


def _snapshots(
    database: Database,
    catalogue: Catalogue,
    terms: CustomTerms,
    secrets: Secrets,
    data_dir: Path | None,
    wall: Callable[[], float],
) -> SnapshotPublisher:
    return SnapshotPublisher(
        database,
        catalogue,
        terms,
        key=secrets.signing,
        wall=wall,
        directory=data_dir / "snapshots" if data_dir else None,
    )


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


def _sign_in(
    database: Database,
    journal: Journal,
    snapshots: SnapshotPublisher,
    secrets: Secrets,
    wall: Callable[[], float],
) -> SignIn:
    return SignIn(
        database,
        journal,
        keys=usable_keys,
        issuers=snapshots.issuers,
        pepper=secrets.pepper,
        operator_token=secrets.operator_token,
        digest=secrets.key_digest,
        wall=wall,
    )
