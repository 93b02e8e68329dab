"""Rights of a verified token: its groups, claims or subject become a team, models and purposes.

Whom no mapping names may use nothing. The first mapping that matches, in the order of the
configuration, decides; later ones of the same team add their models and purposes, those of other
teams nothing.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from gateway.core.errors import Denied
from gateway.core.level import Level
from gateway.core.principal import Principal
from gateway.core.pseudonym import pseudonym
from gateway.core.snapshot import Budget, GroupRights, Issuer, Limits, Rights, Team
from gateway.identity.tokens import APPLICATION, PERSON, TOKEN_PREFIX, Claims

_APP = "app"  # the kind of a principal
_NO_GROUP = (
    "Your token gives no rights here: none of its groups is mapped. An administrator can map one "
    "of your groups under identity.issuers.groups in sluis.yaml, or put you in a mapped group at "
    "the identity provider."
)
_NO_APPLICATION = (
    "This application has no rights here: the subject of its token is not listed. An administrator "
    "can add the subject under identity.issuers.applications in sluis.yaml."
)
_NO_TEAM = (
    "Your token gives no rights here: the team of its mapping does not exist any more. An "
    "administrator can correct the mapping under identity.issuers in sluis.yaml."
)
Source = tuple[str, ...]


class NoRights(Denied):
    """A verified token that no mapping names. ``principal`` and ``kind`` are those of its caller.

    The message never holds a group: groups can be personal data.
    """

    def __init__(self, message: str, *, principal: str, kind: str) -> None:
        super().__init__(message)
        self.principal = principal
        self.kind = kind


@dataclass(frozen=True, slots=True)
class _Grant:
    """One mapping, compiled; ``team_limits`` is None when its team does not exist."""

    source: Source
    team: str | None
    team_limits: Limits | None
    models: frozenset[str]
    purposes: tuple[str, ...]
    clearance: Level
    floor: Level
    budget: Budget | None
    limits: Limits

    def joined_with(self, later: Iterable["_Grant"]) -> "_Grant":
        """Returns this grant with the models and purposes of later ones of the same team."""
        same = [self, *(one for one in later if self.team is not None and one.team == self.team)]
        if len(same) == 1:
            return self
        every_model = all(one.models for one in same)
        every_purpose = all(one.purposes for one in same)
        return replace(
            self,
            models=frozenset().union(*(one.models for one in same)) if every_model else frozenset(),
            purposes=_unique(one.purposes for one in same) if every_purpose else (),
        )


class TokenRights:
    """The mappings of all issuers in one snapshot."""

    def __init__(self, issuers: Iterable[Issuer], teams: Iterable[Team], *, pepper: bytes) -> None:
        """``pepper`` makes the pseudonyms of subjects."""
        known = {team.name: team for team in teams}
        self._pepper = pepper
        self._issuers = {issuer.name: _IssuerRights(issuer, known) for issuer in issuers}

    def principal_of(self, claims: Claims) -> Principal:
        """Returns the principal of a verified token, under a pseudonymous id.

        Raises:
            NoRights: when no mapping names it.
        """
        issuer = self._issuers[claims.issuer]
        subject = pseudonym(self._pepper, f"subject:{claims.issuer}", claims.subject)
        who = TOKEN_PREFIX + subject
        application = issuer.application(claims.subject)
        kind = _APP if application or claims.kind == APPLICATION else PERSON
        grant = application if kind == _APP else issuer.person(claims)
        if grant is None:
            message = _NO_APPLICATION if kind == _APP else _NO_GROUP
            raise NoRights(message, principal=who, kind=kind)
        if grant.team_limits is None:
            raise NoRights(_NO_TEAM, principal=who, kind=kind)
        return Principal(
            id=who,
            name=claims.name,
            kind=kind,
            team=grant.team,
            roles=claims.roles,
            models=grant.models,
            purposes=grant.purposes,
            clearance=grant.clearance,
            floor=grant.floor,
            strict=False,
            limits=grant.team_limits,
            expires=claims.expires,
            person=who if kind == PERSON else "",
            person_limits=grant.limits,
            person_budget=grant.budget,
            granted_by=grant.source,
        )

    def still_grant(self, source: Source) -> bool:
        """Returns whether the mapping that gave a principal its rights still exists."""
        issuer = self._issuers.get(source[0]) if source else None
        return issuer is not None and source in issuer.sources


class _IssuerRights:
    """The mappings of one issuer. A token with many groups costs one set intersection."""

    def __init__(self, issuer: Issuer, teams: dict[str, Team]) -> None:
        self._grants: list[_Grant] = []
        self._by_group: dict[str, list[int]] = {}
        self._conditions: dict[int, frozenset[tuple[str, str]]] = {}
        self._without_group: list[int] = []
        for position, rights in enumerate(issuer.groups):
            self._grants.append(_compiled(rights, _source(issuer, rights), teams))
            if rights.when:
                self._conditions[position] = frozenset(rights.when.items())
            if rights.group is not None:
                self._by_group.setdefault(rights.group, []).append(position)
            elif rights.when:  # a mapping without any condition matches no person
                self._without_group.append(position)
        self._applications = {
            subject: _compiled(rights, (issuer.name, "application", subject), teams)
            for subject, rights in issuer.applications.items()
        }
        self._groups = frozenset(self._by_group)
        self.sources = {grant.source for grant in (*self._grants, *self._applications.values())}

    def application(self, subject: str) -> _Grant | None:
        """Returns the rights of a workload."""
        return self._applications.get(subject)

    def person(self, claims: Claims) -> _Grant | None:
        """Returns the rights of a person; None when no mapping matches."""
        matching = sorted(self._matching(claims))
        if not matching:
            return None
        first, *later = (self._grants[position] for position in matching)
        return first.joined_with(later) if later else first

    def _matching(self, claims: Claims) -> Iterator[int]:
        of_groups = (self._by_group[group] for group in self._groups & claims.groups)
        for positions in (self._without_group, *of_groups):
            for position in positions:
                conditions = self._conditions.get(position)
                if conditions is None or conditions <= claims.attributes:
                    yield position


def _compiled(rights: Rights, source: Source, teams: dict[str, Team]) -> _Grant:
    team = teams.get(rights.team) if rights.team is not None else None
    floor = Level.parse(rights.floor)
    missing = rights.team is not None and team is None
    limits = team.limits if team else Limits()
    return _Grant(
        source=source,
        team=rights.team,
        team_limits=None if missing else limits,
        models=frozenset(rights.models),
        purposes=tuple(rights.purposes),
        clearance=Level.parse(rights.clearance),
        floor=max(floor, Level.parse(team.floor)) if team else floor,
        budget=rights.budget,
        limits=rights.limits,
    )


def _source(issuer: Issuer, rights: GroupRights) -> Source:
    conditions = (text for pair in sorted(rights.when.items()) for text in pair)
    return (issuer.name, "group", rights.group or "", *conditions)


def _unique(lists: Iterable[Iterable[str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for names in lists for name in names))
