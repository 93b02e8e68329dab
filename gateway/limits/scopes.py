"""Scopes: whose use is counted. A team, a key, a person, a use case, and a model within a team."""

from collections.abc import Iterator

import msgspec

from gateway.core.principal import Principal
from gateway.core.snapshot import (
    NO_LIMITS,
    Allowance,
    Budget,
    Key,
    Limits,
    Rights,
    Snapshot,
    Team,
    UseCase,
)
from gateway.core.usage import Spending

TEAM, KEY, PERSON, MODEL, USE_CASE = "team", "key", "person", "model", "use_case"
ScopeId = tuple[str, str, str]  # the kind, the team that it lies in or "", the name


class LimitScope(msgspec.Struct, frozen=True):
    """What one scope may reach. A model lies ``within`` a team."""

    kind: str
    name: str
    limits: Limits = NO_LIMITS
    budget: Budget | None = None
    within: str = ""

    @property
    def id(self) -> ScopeId:
        """Tells it from every other scope."""
        return self.kind, self.within, self.name

    @property
    def is_late(self) -> bool:
        """Whether it is known only when a request departs, not when it is admitted."""
        return self.kind in {MODEL, USE_CASE}

    @property
    def is_limited(self) -> bool:
        """Whether anything bounds it."""
        return self.budget is not None or self.limits != NO_LIMITS


class Scopes:
    """The scopes of requests, by the limits of the snapshot in use."""

    def __init__(self) -> None:
        self._teams: dict[str, Team] = {}
        self._use_cases: dict[str, UseCase] = {}

    def configure(self, snapshot: Snapshot) -> None:
        """Applies the limits of a new snapshot."""
        self._teams = {team.name: team for team in snapshot.teams}
        self._use_cases = {case.name: case for case in snapshot.use_cases}

    def of(
        self, principal: Principal, models: tuple[str, ...], use_case: str
    ) -> Iterator[LimitScope]:
        """All scopes of a request; without models and a use case those of its admission."""
        team = self._teams.get(principal.team or "")
        if team is not None:
            yield LimitScope(TEAM, team.name, team.limits, team.budget)
        if principal.person != principal.id:
            yield LimitScope(KEY, principal.id, principal.key_limits, principal.key_budget)
        if principal.person:
            limits, budget = principal.person_limits, principal.person_budget
            own = _narrowest(team.per_person if team else Allowance(), limits, budget)
            yield LimitScope(PERSON, principal.person, own.limits, own.budget)
        if team is not None:
            for model in dict.fromkeys(models):
                own = team.per_model.get(model, Allowance())
                yield LimitScope(MODEL, model, own.limits, own.budget, team.name)
        if case := self._use_cases.get(use_case):
            yield LimitScope(USE_CASE, case.name, case.limits, case.budget)


def has_limits(snapshot: Snapshot) -> bool:
    """Returns whether a limit or a budget bounds anybody's requests."""
    return any(
        one.budget is not None or one.limits != NO_LIMITS for one in _bounded_parts(snapshot)
    )


def spenders(spent: Spending) -> Iterator[ScopeId]:
    """The scopes that spending counts for; a person is the subject of the entries."""
    if spent.team:
        yield TEAM, "", spent.team
        for model in dict.fromkeys((spent.model, spent.deployment)):
            if model:
                yield MODEL, spent.team, model
    if spent.principal:
        yield KEY, "", spent.principal
    if spent.subject:
        yield PERSON, "", spent.subject
    if spent.use_case:
        yield USE_CASE, "", spent.use_case


def _bounded_parts(
    snapshot: Snapshot,
) -> Iterator[Team | Key | UseCase | Rights | Allowance]:
    """All parts of a snapshot that can have limits."""
    yield from snapshot.teams
    yield from snapshot.keys
    yield from snapshot.use_cases
    for team in snapshot.teams:
        yield team.per_person
        yield from team.per_model.values()
    for issuer in snapshot.issuers:
        yield from issuer.groups
        yield from issuer.applications.values()


def _narrowest(one: Allowance, limits: Limits, budget: Budget | None) -> Allowance:
    """Limits and a budget that keep within both."""
    budgets = [each for each in (one.budget, budget) if each is not None]
    return Allowance(
        Limits(
            *(
                _least(getattr(one.limits, field), getattr(limits, field))
                for field in Limits.__struct_fields__
            )
        ),
        min(budgets, key=lambda each: each.amount) if budgets else None,
    )


def _least(one: int | None, other: int | None) -> int | None:
    if one is None or other is None:
        return other if one is None else one
    return min(one, other)
