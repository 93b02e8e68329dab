"""Names in keys and teams that do not exist, each with those that do."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

from gateway.core.snapshot import Key, Team
from gateway.governance.catalogue.rights_faults import known_roles

Fault = tuple[tuple[Any, ...], str]


def faults_of_rights(
    keys: Sequence[Key],
    teams: Sequence[Team],
    *,
    models: Collection[str],
    purposes: Collection[str],
) -> Iterator[Fault]:
    """Names that do not exist, each with those that do."""
    for index, key in enumerate(keys):
        yield from _missing(("keys", index, "models"), key.models, models, "alias or deployment")
        yield from _missing(("keys", index, "roles"), key.roles, known_roles(), "role")
    for index, team in enumerate(teams):
        yield from faults_of_team(team, models, purposes, ("teams", index))


def faults_of_team(
    team: Team,
    models: Collection[str],
    purposes: Collection[str],
    where: tuple[Any, ...] = (),
) -> Iterator[Fault]:
    """Names in a team that do not exist, each with those that do."""
    yield from _missing((*where, "per_model"), team.per_model, models, "alias or deployment")
    if own := team.self_service:
        at = (*where, "self_service")
        yield from _missing((*at, "models"), own.models, models, "alias or deployment")
        yield from _missing((*at, "purposes"), own.purposes, purposes, "use case")


def _missing(
    where: tuple[Any, ...], names: Iterable[str], known: Collection[str], what: str
) -> Iterator[Fault]:
    listed = ", ".join(sorted(known)) or "none"
    for name in names:
        if name not in known:
            yield where, f"there is no {what} {name!r} (known: {listed})"
