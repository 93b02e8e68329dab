"""The part of the snapshot that model workers need, signed for them alone."""

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.core.snapshot import LANGUAGE, Key, Snapshot, seal
from gateway.governance.snapshots.service import SnapshotPublisher

_KIND = "worker"  # of providers


class WorkerSnapshots:
    """Seals the newest snapshot for model workers, once for each snapshot."""

    def __init__(self, snapshots: SnapshotPublisher, key: Ed25519PrivateKey) -> None:
        self._snapshots = snapshots
        self._key = key
        self._sealed: tuple[Snapshot | None, bytes, str] = (None, b"", "")

    async def newest(self) -> tuple[bytes, str] | None:
        """The signed envelope and its digest; None before the first snapshot."""
        published = await self._snapshots.published()
        if published is None:
            return None
        if published is not self._sealed[0]:
            self._sealed = published, *seal(for_workers(published), self._key)
        return self._sealed[1:]


def for_workers(snapshot: Snapshot) -> Snapshot:
    """The snapshot with model versions and the deployments on workers, and nothing else.

    Of keys it names the versions under evaluation alone, which a worker serves as drafts too.
    """
    providers = [provider for provider in snapshot.providers if provider.kind == _KIND]
    names = {provider.name for provider in providers}
    evaluated = sorted({key.evaluates for key in snapshot.keys if key.evaluates is not None})
    return Snapshot(
        created=0,  # the same envelope for the same versions
        bundle={},
        providers=providers,
        keys=[Key(id="", name="", digest="", evaluates=digest) for digest in evaluated],
        deployments=[one for one in snapshot.deployments if one.provider in names],
        models=[
            msgspec.structs.replace(one, until="", approved_until=None)
            for one in snapshot.models
            if one.kind == LANGUAGE
        ],
    )
