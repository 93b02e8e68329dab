"""A snapshot compiled for the data plane: swapped as a whole, never changed."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from gateway.compiled.policy import CompiledPolicy, compile_policy
from gateway.core.snapshot import DETECTOR, Snapshot, UseCase
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


def compile_snapshot(
    snapshot: Snapshot,
    *,
    pepper: bytes,
    secret: Callable[[str], str | None],
    worker_token: str,
    formats: WireFormats,
    dialects: Collection[str] = DIALECTS,
    before: CompiledSnapshot | None = None,
    unknown_key: Callable[[str], None] | None = None,
) -> CompiledSnapshot:
    """Compiles a snapshot; nothing of it is in use until the caller swaps it in.

    ``unknown_key`` is told the issuer of each token that names an unknown signing key. Terms that
    are the same in ``before`` are not compiled again.

    Raises:
        BundleError: when its policies cannot be used.
        ValueError: when another part of it contradicts itself.
    """
    terms = compiled(snapshot.terms, before.policy.terms if before else None, key=pepper)
    return CompiledSnapshot(
        snapshot=snapshot,
        policy=compile_policy(
            snapshot.bundle,
            digest=snapshot.bundle_digest,
            terms=terms,
            withdrawn=_withdrawn(snapshot),
            dialects=dialects,
        ),
        authenticator=Authenticator(snapshot, pepper=pepper, unknown_key=unknown_key),
        catalogue=ModelCatalogue(snapshot),
        use_cases={case.name: case for case in snapshot.use_cases},
        egress=UpstreamClient(snapshot, secret=secret, worker_token=worker_token, formats=formats),
    )


def _withdrawn(snapshot: Snapshot) -> frozenset[str]:
    return frozenset(
        model.version
        for model in snapshot.models
        if model.kind == DETECTOR and model.state == "quarantined"
    )
