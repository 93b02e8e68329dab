"""A snapshot compiled for the data plane: swapped as a whole, never changed."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field

from gateway.compiled.policy import CompiledPolicy, compile_policy
from gateway.core.snapshot import DETECTOR, Snapshot, Stops, UseCase
from gateway.core.stop_switches import StopSwitches
from gateway.dialects.registry import DIALECTS
from gateway.egress import UpstreamClient, WireFormats
from gateway.identity import Authenticator
from gateway.privacy import compiled
from gateway.routing import ModelCatalogue, ReportedVersions

_CATALOGUE = ("providers", "deployments", "aliases", "models", "stops")
# Who may do what is all that is neither policy nor destination, so that a new field is not missed.
_NO_AUTHENTICATION = {"created", "bundle", "terms", "use_cases", "internal_networks", *_CATALOGUE}
_AUTHENTICATION = [name for name in Snapshot.__struct_fields__ if name not in _NO_AUTHENTICATION]


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
    unknown_key: Callable[[str], None] | None = None,
    reported: ReportedVersions | None = None,
) -> CompiledSnapshot:
    """Compiles a snapshot; nothing of it is in use until the caller swaps it in.

    ``unknown_key`` gets the issuer of each token that names an unknown signing key. Terms that
    are the same in ``before`` are not compiled again. ``reported`` is what workers have loaded.
    Parts that are the same in ``before``, and connections to the same providers, are taken over.

    Raises:
        BundleError: when its policies cannot be used.
        ValueError: when another part of it contradicts itself.
    """
    policy = _policy(snapshot, before.policy if before else None, pepper, dialects)
    if before and _same(before.snapshot, snapshot, (*_CATALOGUE, "settings")):
        catalogue = before.catalogue
    else:
        catalogue = ModelCatalogue(snapshot, reported)
    if before and _same(before.snapshot, snapshot, _AUTHENTICATION):
        authenticator = before.authenticator
    else:
        authenticator = Authenticator(snapshot, pepper=pepper, unknown_key=unknown_key)
    return CompiledSnapshot(
        snapshot=snapshot,
        policy=policy,
        authenticator=authenticator,
        catalogue=catalogue,
        use_cases={case.name: case for case in snapshot.use_cases},
        egress=UpstreamClient(
            snapshot,
            secret=secret,
            worker_token=worker_token,
            formats=formats,
            before=before.egress if before else None,
        ),
        stops=StopSwitches(snapshot.stops),
    )


def _policy(
    snapshot: Snapshot, before: CompiledPolicy | None, pepper: bytes, dialects: Collection[str]
) -> CompiledPolicy:
    """The policy, compiled only when something in it has changed."""
    terms = compiled(snapshot.terms, before.terms if before else None, key=pepper)
    digest, withdrawn = snapshot.bundle_digest, _withdrawn(snapshot)
    if (
        before
        and (before.digest, before.withdrawn) == (digest, withdrawn)
        and before.terms is terms
    ):
        return before
    return compile_policy(
        snapshot.bundle, digest=digest, terms=terms, withdrawn=withdrawn, dialects=dialects
    )


def _same(one: Snapshot, other: Snapshot, fields: Iterable[str]) -> bool:
    return all(getattr(one, field) == getattr(other, field) for field in fields)


def _withdrawn(snapshot: Snapshot) -> frozenset[str]:
    return frozenset(
        model.version
        for model in snapshot.models
        if model.kind == DETECTOR and model.state == "quarantined"
    )
