"""The control plane as one object: every subject, wired once, whatever door is used."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gateway.core.secrets import Secrets
from gateway.governance.actor import BOOTSTRAP_APPROVE, Permissions
from gateway.governance.catalogue import Catalogue
from gateway.governance.journal import Journal
from gateway.governance.keys import Keys
from gateway.governance.models import Models
from gateway.governance.policies import Policies
from gateway.governance.proposals import Proposals
from gateway.governance.reader import TextReader
from gateway.governance.snapshots import Snapshots
from gateway.governance.trail import TrailReader
from gateway.storage.database import Database

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ControlPlane:
    """All subjects over one database."""

    database: Database
    secrets: Secrets
    permissions: Permissions
    journal: Journal
    catalogue: Catalogue
    keys: Keys
    models: Models
    policies: Policies
    proposals: Proposals
    snapshots: Snapshots
    trail: TrailReader
    reader: TextReader

    async def start(self) -> None:
        """Brings the database up to date and publishes a first snapshot."""
        await self.database.migrate()
        await self.policies.ensure_first(BOOTSTRAP_APPROVE)
        await self.snapshots.refresh_issuers()
        await self.snapshots.publish()

    async def close(self) -> None:
        """Closes all connections."""
        await self.reader.close()
        await self.trail.close()
        await self.database.close()


def build(
    *,
    database_url: str,
    secrets: Secrets,
    data_dir: Path | None,
    wall: Callable[[], float] = time.time,
) -> ControlPlane:
    """Wires a control plane; ``data_dir`` is given in embedded mode and None in production."""
    database = Database(database_url)
    journal = Journal(wall)
    catalogue = Catalogue(database, journal, digest=secrets.key_digest)
    policies = Policies(database, journal, wall=wall)
    return ControlPlane(
        database=database,
        secrets=secrets,
        permissions=Permissions(),
        journal=journal,
        catalogue=catalogue,
        keys=Keys(database, journal, digest=secrets.key_digest, wall=wall),
        models=Models(database, journal, wall=wall),
        policies=policies,
        proposals=Proposals(
            database, journal, policies, wall=wall, one_person=data_dir is not None
        ),
        snapshots=Snapshots(
            database, catalogue, key=secrets.signing, wall=wall,
            directory=data_dir / "snapshots" if data_dir else None,
        ),
        trail=TrailReader(
            database, journal, directory=data_dir, kek=secrets.kek, key=secrets.signing, wall=wall
        ),
        reader=TextReader(data_dir / "cache" if data_dir else None),
    )  # fmt: skip
