"""The deployments behind a requested model name, in order of preference."""

from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from gateway.core.clearance import WITHOUT_CONTRACT, Clearance
from gateway.core.days import end_of_day
from gateway.core.errors import UnknownModel
from gateway.core.level import Level, Zone
from gateway.core.principal import Principal
from gateway.core.snapshot import (
    Capabilities,
    Deployment,
    ModelVersion,
    Provider,
    Snapshot,
    Timeouts,
)
from gateway.core.stop_switches import StopSwitches
from gateway.core.usage import Price
from gateway.routing.reported_versions import ReportedVersions
from gateway.routing.version_bindings import DIGEST, NOTHING, Binding, VersionBindings

_UNKNOWN, _GATEWAYS = Capabilities(), Timeouts()


@dataclass(frozen=True, slots=True)
class Target:
    """A deployment with the data to decide about it and to call it.

    ``model`` is the name on the wire; ``version`` the registered version behind it, or None, and
    ``proof`` what proves that. ``cleared`` is the clearance under a contract in force.
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
    proof: str = ""

    @property
    def is_unproven(self) -> bool:
        """Whether nothing shows which model it is."""
        return self.proof == NOTHING

    @property
    def digest(self) -> str | None:
        """The digest of the registered version, None where there is none or nothing proves it."""
        return self.version.digest if self.version and not self.is_unproven else None

    @property
    def zone(self) -> Zone:
        """Where it runs."""
        return self.provider.zone

    def retired_at(self, now: float) -> bool:
        """Returns whether the last day of its version is over at an epoch second."""
        last = self.version.until if self.version else ""
        return bool(last) and now >= end_of_day(last)

    def approval_ended_at(self, now: float) -> bool:
        """Returns whether its version would have to be approved again."""
        until = self.version.approved_until if self.version else None
        return until is not None and now >= until

    def cleared_at(self, now: float) -> Clearance:
        """Returns the clearance at an epoch second: a contract that has ended narrows it."""
        if self.provider.covered(now):
            return self.cleared
        return self.cleared.narrowed_by(WITHOUT_CONTRACT)


class CandidateSet(msgspec.Struct, frozen=True):
    """The candidates for one request. ``named`` is set when a deployment was asked for by name.

    ``stopped``: others are left out because they were stopped; ``unapproved``: because no approved
    version of a model is behind them; ``retired``: because theirs has ended.
    """

    candidates: tuple[Target, ...]
    named: bool
    stopped: bool = False
    unapproved: bool = False
    retired: bool = False


class ModelCatalogue:
    """Aliases and deployments of one snapshot, without unapproved models and stopped ones."""

    def __init__(self, snapshot: Snapshot, reported: ReportedVersions | None = None) -> None:
        """``reported``: what workers have loaded; without it every version counts as loaded."""
        self.created = int(snapshot.created)
        providers = {provider.name: provider for provider in snapshot.providers}
        bindings = self._bindings = VersionBindings(snapshot)
        self._reported = reported or ReportedVersions()
        self._stops = StopSwitches(snapshot.stops)
        stopped = set(snapshot.stops.deployments)
        self._targets: dict[str, Target] = {}
        self._earlier: dict[str, tuple[Target, ...]] = {}
        self._guardrails: dict[str, Target] = {}
        self._unserved: dict[str, Binding] = {}
        self._evaluated: dict[str, Target] = {}  # drafts, for their evaluation alone
        for deployment in snapshot.deployments:
            provider = providers[deployment.provider]
            binding = bindings.bind(deployment, provider)
            if binding.problem:
                self._unserved[deployment.name] = binding
                if binding.candidate and deployment.name not in stopped:
                    self._evaluated[deployment.name] = _target(deployment, provider, binding)
            elif deployment.name not in stopped:
                among = self._guardrails if provider.is_guardrail else self._targets
                among[deployment.name] = _target(deployment, provider, binding)
                self._earlier[deployment.name] = tuple(
                    _target(deployment, provider, one)
                    for one in bindings.earlier(deployment, provider)
                )
        self._aliases: dict[str, tuple[Target, ...]] = {}
        self._behind = {alias.name: alias.candidates for alias in snapshot.aliases}
        self._reduced: set[str] = set()  # aliases with a stopped candidate
        for alias in snapshot.aliases:
            if alias.name in snapshot.stops.aliases:
                continue
            found = [self._targets[name] for name in alias.candidates if name in self._targets]
            self._aliases[alias.name] = tuple(found)
            if not stopped.isdisjoint(alias.candidates):
                self._reduced.add(alias.name)
        names = {alias.name for alias in snapshot.aliases}
        names |= {
            deployment.name
            for deployment in snapshot.deployments
            if not providers[deployment.provider].is_guardrail
        }
        self._stopped = names & {*stopped, *snapshot.stops.aliases}

    def choose(self, model: str, principal: Principal) -> CandidateSet:
        """Returns the candidates for a model name.

        The candidates of the first alias that lists a named deployment are its fallbacks, unless
        the principal is strict.

        Raises:
            Stopped: when the alias or the deployment was stopped.
            UnknownModel: also when the principal may not use the name, so that names do not leak.
        """
        if principal.evaluates is not None:
            return CandidateSet((self._for_evaluation(model, principal),), named=True)
        if principal.may_use(model):
            if model in self._stopped:
                self._stops.check_model(model)
            if model in self._aliases:
                left_out = [self._unserved.get(name) for name in self._behind[model]]
                return CandidateSet(
                    self._serving(self._aliases[model]),
                    named=False,
                    stopped=model in self._reduced,
                    unapproved=any(one is not None and not one.retired for one in left_out),
                    retired=any(one is not None and one.retired for one in left_out),
                )
            if model in self._targets:
                found = self._with_fallbacks(self._targets[model], principal)
                return CandidateSet(self._serving(found), named=True)
            if model in self._unserved:
                retired = self._unserved[model].retired
                return CandidateSet((), named=True, unapproved=not retired, retired=retired)
        raise _unknown(model)

    def _for_evaluation(self, model: str, principal: Principal) -> Target:
        """The deployment of the version under evaluation, never another or a fallback."""
        found = self._targets.get(model) or self._evaluated.get(model)
        version = found.version if found else None
        if found is None or version is None or version.digest != principal.evaluates:
            raise _unknown(model)
        return found

    def guardrail(self, name: str) -> Target | None:
        """Returns the deployment that content rules ask under a name; None for a stopped one."""
        return self._guardrails.get(name)

    def names(self, principal: Principal) -> list[str]:
        """Returns the names that this principal may use: aliases, then deployments."""
        if principal.evaluates is not None:
            return []
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

    def wire_names(self, model: str) -> set[str]:
        """Returns the providers' names of the models behind a name; none for an unknown one."""
        named = (self._targets[model],) if model in self._targets else ()
        return {target.model for target in self._aliases.get(model, named)}

    def is_deployment(self, model: str) -> bool:
        """Returns whether a name is that of a deployment alone."""
        return model in self._targets and model not in self._aliases

    def offers(self, model: str) -> bool:
        """Returns whether a name is that of an alias or a deployment, also of one not served."""
        known = (self._aliases, self._targets, self._unserved, self._stopped)
        return any(model in names for names in known)

    def serves(self, target: Target) -> bool:
        """Returns whether a target of an earlier snapshot may still answer, in its version.

        An answer under way goes on when its tag moves, and ends when its version is withdrawn.
        """
        current = self._targets.get(target.name) or self._evaluated.get(target.name)
        if current is None or target.version is None:
            return current is not None
        if current.version is None or current.version.name != target.version.name:
            return False
        same = current.version.digest == target.version.digest
        return same or self._bindings.may_serve(target.version)

    def handovers(self) -> Iterator[tuple[Target, Target]]:
        """For each deployment on a worker what it is to serve, and what serves now."""
        for target in self._targets.values():
            if target.proof == DIGEST:
                yield target, self._loaded(target)

    def _serving(self, targets: tuple[Target, ...]) -> tuple[Target, ...]:
        return tuple(self._loaded(target) for target in targets)

    def _loaded(self, target: Target) -> Target:
        """A target, or the version before of a worker that has not loaded its version yet."""
        earlier = self._earlier[target.name]
        ready = self._reported.at(target.provider.base_url) if earlier else None
        if ready is None or target.digest in ready:
            return target
        return next((one for one in earlier if one.digest in ready), target)

    def _with_fallbacks(self, target: Target, principal: Principal) -> tuple[Target, ...]:
        if principal.strict:
            return (target,)
        for candidates in self._aliases.values():
            if target in candidates:
                return (target, *(other for other in candidates if other is not target))
        return (target,)


def _unknown(model: str) -> UnknownModel:
    return UnknownModel(
        f"The model '{model[:64]}' does not exist or your key may not use it. "
        "GET /v1/models lists what you may use.",
        param="model",
    )


def _any_of(known: list[bool | None]) -> bool | None:
    """True when one is; False when all are known not to be."""
    return True if True in known else None if None in known else False


def _target(deployment: Deployment, provider: Provider, binding: Binding) -> Target:
    price = Price(**msgspec.structs.asdict(deployment.price))
    cleared = deployment.cleared_in(provider.zone)
    if binding.version is not None:
        level = Level.parse(binding.version.clearance)
        cleared = cleared.narrowed_by(Clearance(level, level))
    return Target(
        deployment.name,
        provider,
        binding.model,
        cleared,
        price,
        binding.version,
        deployment.capabilities,
        deployment.timeouts,
        binding.proof,
    )
