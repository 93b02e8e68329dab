"""The deployments behind a requested model name, in order of preference."""

from dataclasses import dataclass

import msgspec

from gateway.core.clearance import WITHOUT_CONTRACT, Clearance
from gateway.core.errors import UnknownModel
from gateway.core.level import Zone
from gateway.core.principal import Principal
from gateway.core.snapshot import (
    LANGUAGE,
    Capabilities,
    Deployment,
    ModelVersion,
    Provider,
    Snapshot,
    Timeouts,
)
from gateway.core.stop_switches import StopSwitches
from gateway.core.usage import Price

_UNKNOWN, _GATEWAYS = Capabilities(), Timeouts()


@dataclass(frozen=True, slots=True)
class Target:
    """A deployment with the data to decide about it and to call it.

    ``model`` is the name on the wire; ``version`` the registered version behind an internal
    deployment, None for a commercial one. ``cleared`` is the clearance under a contract in force.
    ``capabilities`` say what the model takes, ``timeouts`` how long to wait for it.
    """

    name: str
    provider: Provider
    model: str
    cleared: Clearance
    price: Price
    version: ModelVersion | None = None
    capabilities: Capabilities = _UNKNOWN
    timeouts: Timeouts = _GATEWAYS

    @property
    def zone(self) -> Zone:
        """Where it runs."""
        return self.provider.zone

    def cleared_at(self, now: float) -> Clearance:
        """Returns the clearance at an epoch second: a contract that has ended narrows it."""
        if self.provider.covered(now):
            return self.cleared
        return self.cleared.narrowed_by(WITHOUT_CONTRACT)


class CandidateSet(msgspec.Struct, frozen=True):
    """The candidates for one request. ``named`` is set when a deployment was asked for by name.

    ``stopped``: others are left out because they were stopped.
    """

    candidates: tuple[Target, ...]
    named: bool
    stopped: bool = False


class ModelCatalogue:
    """Aliases and deployments of one snapshot, without unapproved models and stopped ones."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.created = int(snapshot.created)
        providers = {provider.name: provider for provider in snapshot.providers}
        versions = _approved_versions(snapshot.models)
        self._stops = StopSwitches(snapshot.stops)
        stopped = set(snapshot.stops.deployments)
        self._targets: dict[str, Target] = {}
        for deployment in snapshot.deployments:
            target = _target(deployment, providers[deployment.provider], versions)
            if target and deployment.name not in stopped:
                self._targets[deployment.name] = target
        self._aliases: dict[str, tuple[Target, ...]] = {}
        self._reduced: set[str] = set()  # aliases with a stopped candidate
        for alias in snapshot.aliases:
            if alias.name in snapshot.stops.aliases:
                continue
            found = [self._targets[name] for name in alias.candidates if name in self._targets]
            self._aliases[alias.name] = tuple(found)
            if not stopped.isdisjoint(alias.candidates):
                self._reduced.add(alias.name)
        names = {alias.name for alias in snapshot.aliases}
        names |= {deployment.name for deployment in snapshot.deployments}
        self._stopped = names & {*stopped, *snapshot.stops.aliases}

    def choose(self, model: str, principal: Principal) -> CandidateSet:
        """Returns the candidates for a model name.

        The candidates of the first alias that lists a named deployment are its fallbacks, unless
        the principal is strict.

        Raises:
            Stopped: when the alias or the deployment was stopped.
            UnknownModel: also when the principal may not use the name, so that names do not leak.
        """
        if principal.may_use(model):
            if model in self._stopped:
                self._stops.check_model(model)
            if model in self._aliases:
                return CandidateSet(
                    self._aliases[model], named=False, stopped=model in self._reduced
                )
            if model in self._targets:
                return CandidateSet(
                    self._with_fallbacks(self._targets[model], principal), named=True
                )
        raise UnknownModel(
            f"The model '{model[:64]}' does not exist or your key may not use it. "
            "GET /v1/models lists what you may use.",
            param="model",
        )

    def names(self, principal: Principal) -> list[str]:
        """Returns the names that this principal may use: aliases, then deployments."""
        return [name for name in (*self._aliases, *self._targets) if principal.may_use(name)]

    def capabilities(self, name: str) -> Capabilities:
        """Returns what one can rely on under a name: the smallest context, and what any takes."""
        found = self._aliases[name] if name in self._aliases else (self._targets[name],)
        known = [target.capabilities for target in found]
        contexts = [one.context for one in known if one.context is not None]
        return Capabilities(
            min(contexts, default=None),
            _any_of([one.images for one in known]),
            _any_of([one.tools for one in known]),
        )

    def is_deployment(self, model: str) -> bool:
        """Returns whether a name is that of a deployment alone."""
        return model in self._targets and model not in self._aliases

    def offers(self, model: str) -> bool:
        """Returns whether a name is that of an alias or a deployment, also of a stopped one."""
        return model in self._aliases or model in self._targets or model in self._stopped

    def serves(self, target: Target) -> bool:
        """Returns whether a target of an earlier snapshot is still served, in the same version."""
        current = self._targets.get(target.name)
        if current is None or target.version is None:
            return current is not None
        return current.version is not None and current.version.digest == target.version.digest

    def _with_fallbacks(self, target: Target, principal: Principal) -> tuple[Target, ...]:
        if principal.strict:
            return (target,)
        for candidates in self._aliases.values():
            if target in candidates:
                return (target, *(other for other in candidates if other is not target))
        return (target,)


def _any_of(known: list[bool | None]) -> bool | None:
    """True when one is; False when all are known not to be."""
    return True if True in known else None if None in known else False


def _approved_versions(models: list[ModelVersion]) -> dict[str, ModelVersion]:
    """Returns the approved versions by ``name@version`` and ``name@tag``."""
    approved: dict[str, ModelVersion] = {}
    for model in models:
        if model.state == "approved" and model.kind == LANGUAGE:
            for reference in (model.version, *model.tags):
                approved[f"{model.name}@{reference}"] = model
    return approved


def _target(
    deployment: Deployment, provider: Provider, versions: dict[str, ModelVersion]
) -> Target | None:
    price = Price(
        deployment.price.input_per_million,
        deployment.price.output_per_million,
        deployment.price.currency,
    )
    on_wire, version = deployment.model, None
    if provider.kind == "worker":
        version = versions.get(deployment.model)
        if version is None:
            return None
        on_wire = f"{version.name}@{version.version}"
    return Target(
        deployment.name,
        provider,
        on_wire,
        deployment.cleared_in(provider.zone),
        price,
        version,
        deployment.capabilities,
        deployment.timeouts,
    )
