"""What a person owns or leads, by the signed snapshot in force.

A record that names a person gives rights over its object, and no other. When the record names
somebody else, they end with the next snapshot.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from gateway.core.snapshot import Snapshot
from gateway.governance.actor import Actor

OWNER, LEAD = "use_case_owner", "team_lead"  # the roles


class Places:
    """The use cases and teams of each person, by the names that records use."""

    def __init__(self) -> None:
        self._of: Snapshot | None = None
        self._use_cases: dict[str, set[str]] = {}
        self._teams: dict[str, set[str]] = {}

    def placed(self, actor: Actor, snapshot: Snapshot | None) -> Actor:
        """The actor with what is theirs, and the roles that come with it."""
        if snapshot is None or not actor.proven:
            return actor
        if snapshot is not self._of:
            self._use_cases = _by_name((one.owner, one.name) for one in snapshot.use_cases)
            self._teams = _by_name((one.lead, one.name) for one in snapshot.teams if one.lead)
            self._of = snapshot
        owns = _all_of(self._use_cases, actor.proven)
        leads = _all_of(self._teams, actor.proven)
        roles = {role for role, found in ((OWNER, owns), (LEAD, leads)) if found}
        return replace(actor, owns=owns, leads=leads, roles=actor.roles | roles)


def _by_name(named: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for person, place in named:
        found[person.casefold()].add(place)
    return found


def _all_of(places: dict[str, set[str]], names: Iterable[str]) -> frozenset[str]:
    return frozenset().union(*(places.get(name, ()) for name in names))
