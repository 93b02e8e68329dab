"""Which registered version a deployment serves, and what proves that it does."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from gateway.core.level import Zone
from gateway.core.manifest import statement_digest
from gateway.core.model_life import CANDIDATES, QUARANTINED, RETIRED, SERVED, UNPROVEN
from gateway.core.snapshot import (
    ENGINE,
    EXTERNAL,
    LANGUAGE,
    Deployment,
    ModelVersion,
    Provider,
    Snapshot,
)

WORKER = "worker"  # of providers
# What proves that a deployment serves its version: a worker hashes the files and says so in every
# answer; another engine lists the name; a provider names its model; else nothing does.
DIGEST, NAME, PROVIDER, NOTHING = "digest", "served_name", "provider", "none"
_SHORT = 8


@dataclass(frozen=True, slots=True)
class Binding:
    """What a deployment serves: ``model`` is the name on the wire.

    ``version`` is None where none is registered, and ``proof`` empty where none is asked for.
    ``problem`` says why it serves nothing; ``retired`` whether that is because its version ended.
    A ``candidate`` is served to its evaluation alone.
    """

    model: str
    version: ModelVersion | None = None
    proof: str = ""
    problem: str = ""
    retired: bool = False
    candidate: bool = False


class VersionBindings:
    """The versions of one snapshot, for its deployments."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._serves_unregistered = snapshot.serves_unregistered
        self._versions: dict[str, ModelVersion] = {}
        for model in snapshot.models:
            for reference in (*model.tags, model.version):
                self._versions[f"{model.name}@{reference}"] = model

    def bind(self, deployment: Deployment, provider: Provider) -> Binding:
        """What a deployment serves."""
        if provider.is_guardrail:  # it answers nothing, so no version is registered
            return Binding(deployment.model)
        reference = deployment.model if provider.kind == WORKER else deployment.version
        if reference is None:
            return self._unregistered(deployment, provider)
        version = self._versions.get(reference)
        if version is None:
            return Binding(deployment.model, problem=f"there is no version {reference}")
        name = f"{version.name}@{version.version}"
        if version.kind not in _kinds_for(provider):
            return Binding(deployment.model, problem=f"{name} is a version of another kind")
        problem = f"{name} is {version.state}"
        if version.state in CANDIDATES:
            bound = self._bound(deployment, provider, version)
            return replace(bound, problem=problem, candidate=True)
        if version.state not in SERVED:
            return Binding(deployment.model, problem=problem, retired=version.state == RETIRED)
        return self._bound(deployment, provider, version)

    @staticmethod
    def _bound(deployment: Deployment, provider: Provider, version: ModelVersion) -> Binding:
        name = f"{version.name}@{version.version}"
        if provider.kind == WORKER:
            return Binding(name, version, DIGEST)
        if provider.zone is not Zone.INTERNAL:
            return Binding(deployment.model, version, PROVIDER)
        served = version.engine.served_name if version.engine else name
        return Binding(deployment.model or served, version, NAME)

    def earlier(self, deployment: Deployment, provider: Provider) -> Iterator[Binding]:
        """What may serve until a worker has loaded the version of a tag, the last one first.

        Only versions that the tag has named and that may still serve.
        """
        version = self._versions.get(deployment.model) if provider.kind == WORKER else None
        if version is None:
            return
        for number in version.earlier.get(deployment.model.rpartition("@")[2], ()):
            before = self._versions.get(f"{version.name}@{number}")
            if before is not None and before.kind == LANGUAGE and before.state in SERVED:
                yield Binding(f"{before.name}@{before.version}", before, DIGEST)

    def may_serve(self, version: ModelVersion) -> bool:
        """Returns whether a version of an earlier snapshot may still serve, the same bytes."""
        now = self._versions.get(f"{version.name}@{version.version}")
        return now is not None and now.digest == version.digest and now.state in SERVED

    def _unregistered(self, deployment: Deployment, provider: Provider) -> Binding:
        if provider.zone is not Zone.INTERNAL:
            return Binding(deployment.model)
        if deployment.needs_version and not self._serves_unregistered:
            return Binding(deployment.model, problem="it states no version")
        found = self._versions.get(unproven_name(deployment, provider))
        if found is not None and found.state != UNPROVEN:
            return Binding(
                deployment.model,
                problem=f"what it serves is {found.state}",
                retired=found.state != QUARANTINED,
            )
        return Binding(deployment.model, found, NOTHING)


def unproven_name(deployment: Deployment, provider: Provider) -> str:
    """The ``name@version`` under which what a deployment serves is on record as unproven."""
    digest = unproven_digest(deployment, provider).partition(":")[2]
    return f"{deployment.name}@{UNPROVEN}-{digest[:_SHORT]}"


def unproven_digest(deployment: Deployment, provider: Provider) -> str:
    """The digest of what is known of it: the engine, its address, and the name on the wire."""
    stated = {"kind": provider.kind, "address": provider.base_url, "model": deployment.model}
    return statement_digest(ENGINE, stated)


def unproven(snapshot: Snapshot) -> Iterator[tuple[Deployment, Provider]]:
    """The internal deployments that serve without a registered version."""
    bindings = VersionBindings(snapshot)
    providers = {provider.name: provider for provider in snapshot.providers}
    for deployment in snapshot.deployments:
        provider = providers[deployment.provider]
        if bindings.bind(deployment, provider).proof == NOTHING:
            yield deployment, provider


def problems(snapshot: Snapshot) -> Mapping[str, str]:
    """Why deployments serve nothing, by name."""
    bindings = VersionBindings(snapshot)
    providers = {provider.name: provider for provider in snapshot.providers}
    found = {one.name: bindings.bind(one, providers[one.provider]) for one in snapshot.deployments}
    return MappingProxyType({name: one.problem for name, one in found.items() if one.problem})


def _kinds_for(provider: Provider) -> frozenset[str]:
    if provider.kind == WORKER:
        return frozenset({LANGUAGE})
    inside = provider.zone is Zone.INTERNAL
    return frozenset({LANGUAGE, ENGINE}) if inside else frozenset({EXTERNAL})
