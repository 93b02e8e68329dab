"""A snapshot compiled for the data plane: swapped as a whole, never changed."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from gateway.compiled.policy import CompiledPolicy, compile_policy
from gateway.core.snapshot import DETECTOR, Snapshot, Stops, UseCase
from gateway.core.stop_switches import StopSwitches
from gateway.dialects.registry import DIALECTS
from gateway.egress import UpstreamClient, WireFormats
from gateway.identity import Authenticator
from gateway.privacy import compiled
from gateway.routing import ModelCatalogue


@dataclass(frozen=True, slots=True)
class CompiledSnapshot:
    """What one request is decided by, from its first step to its last."""

    snapshot: Snapshot
    policy: CompiledPolicy
    authenticator: Authenticator
    catalogue: ModelCatalogue
    use_cases: Mapping[str, UseCase]
    egress: UpstreamClient
    stops: StopSwitches = field(default_factory=lambda: StopSwitches(Stops()))


def compile_snapshot(
    snapshot: Snapshot,
    *,
    pepper: bytes,
    secret: Callable[[str], str | None],
    worker_token: str,
    formats: WireFormats,
    dialects: Collection[str] = DIALECTS,
    before: CompiledSnapshot | None = None,
) -> CompiledSnapshot:
    """Compiles a snapshot; nothing of it is in use until the caller swaps it in.

    What is the same in ``before`` is not compiled again: terms, and the policy with them.

    Raises:
        BundleError: when its policies cannot be used.
        ValueError: when another part of it contradicts itself.
    """
    return CompiledSnapshot(
        snapshot=snapshot,
        policy=_policy(snapshot, pepper, dialects, before.policy if before else None),
        authenticator=Authenticator(snapshot, pepper=pepper),
        catalogue=ModelCatalogue(snapshot),
        use_cases={case.name: case for case in snapshot.use_cases},
        egress=UpstreamClient(snapshot, secret=secret, worker_token=worker_token, formats=formats),
        stops=StopSwitches(snapshot.stops),
    )


def _policy(
    snapshot: Snapshot, pepper: bytes, dialects: Collection[str], before: CompiledPolicy | None
) -> CompiledPolicy:
    """The policy of a snapshot: the one from before where nothing of it has changed."""
    digest, withdrawn = snapshot.bundle_digest, _withdrawn(snapshot)
    terms = compiled(snapshot.terms, before.terms if before else None, key=pepper)
    same = before and (before.digest, before.withdrawn) == (digest, withdrawn)
    if before and same and before.terms is terms:
        return before
    return compile_policy(
        snapshot.bundle, digest=digest, terms=terms, withdrawn=withdrawn, dialects=dialects
    )


def _withdrawn(snapshot: Snapshot) -> frozenset[str]:
    return frozenset(
        model.version
        for model in snapshot.models
        if model.kind == DETECTOR and model.state == "quarantined"
    )
